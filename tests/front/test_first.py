"""The script that is put before all others of the page."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from starlette.middleware.gzip import GZipMiddleware

from front.first import First


def test_the_page_alone_gets_the_script_at_the_top_of_its_head() -> None:
    server = FastAPI()
    page = "<html><head><title>ä</title></head><body>" + "<head> " * 1000

    @server.get("/")
    @server.get("/other")
    def say() -> HTMLResponse:
        return HTMLResponse(page)

    server.add_middleware(GZipMiddleware)
    server.add_middleware(First, script="<script>1</script>")
    client = TestClient(server)
    assert client.get("/").text == page.replace("<head>", "<head><script>1</script>", 1)
    assert client.get("/other").text == page
    assert client.head("/").status_code == 405
