"""`longshort users`: the accounts for `longshort serve --users FILE`."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

UsersFile = Annotated[
    Path, typer.Option("--users", envvar="LONGSHORT_USERS", help="the file that holds the users")
]
Name = Annotated[str, typer.Argument(help="whose account")]
FILE = Path("longshort-users.json")
users = typer.Typer(help="Accounts, for `longshort serve --users FILE`.", no_args_is_help=True)


def _asked() -> str:
    """A password from the terminal, typed twice and not shown; else the first line of stdin."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise ValueError("the two passwords differ: begin again")
    return password


@users.command("add")
def add(name: Name, file: UsersFile = FILE) -> None:
    """Make an account; the file holds only a hash of the password."""
    from front.accounts import Accounts

    Accounts(file).add(name, _asked())


@users.command("password")
def change(name: Name, file: UsersFile = FILE) -> None:
    """Change a password; whoever is signed in with the old one is signed out."""
    from front.accounts import Accounts

    Accounts(file).change(name, _asked())


@users.command("remove")
def remove(name: Name, file: UsersFile = FILE) -> None:
    """Take an account away; whoever is signed in with it is signed out."""
    from front.accounts import Accounts

    Accounts(file).remove(name)


@users.command("list")
def list_users(file: UsersFile = FILE) -> None:
    """Whose accounts there are."""
    from front.accounts import Accounts

    for user in Accounts(file).all():
        print(user.name)
