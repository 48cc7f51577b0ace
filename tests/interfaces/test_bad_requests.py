"""Bad requests of every kind get 4xx and a sentence; 10,000 are sent by benchmarks/bad_requests.py."""

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.bad_requests import Bad, bad_requests, fault_of


def test_bad_requests_are_refused_with_a_sentence(server: str) -> None:
    faults = [(bad, fault) for bad in bad_requests(200, seed=7) if (fault := fault_of(server, bad))]
    assert not faults, "\n".join(
        f"{bad.kind}: {bad.path} {bad.body[:99]!r}: {fault}" for bad, fault in faults
    )


def test_a_good_request_would_be_noticed(server: str) -> None:
    good = Bad("good", "POST", "/detect", b'{"q": "Hi."}')
    assert fault_of(server, good).startswith("200 ")


def test_what_the_description_allows_never_breaks_the_server(server: str) -> None:
    schema = schemathesis.openapi.from_url(f"{server}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    paths = {operation.path for operation in operations}
    assert "$defs" not in str(schema.raw_schema)
    assert {"/translate", "/translate_file", "/detect", "/v1/chat/completions", "/metrics"} <= paths
    for operation in operations:

        @settings(
            max_examples=3,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: schemathesis.Case) -> None:
            answer = case.call(timeout=60)
            assert answer.status_code < 500, (case.method, case.path, case.body, answer.text)

        check()
