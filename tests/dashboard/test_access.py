"""Who may look: where a dashboard can be reached, and who has logged in."""

import pytest

from dashboard.access import is_reachable, is_welcome, providers


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8", "unix:///run/here.sock"]
)
def test_loopback_is_reached_from_this_machine_alone(address):
    assert not is_reachable(address)


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "10.0.0.7", "dashboard.example", "127.0.0.1.example"]
)
def test_anything_else_may_be_reached_by_others(address):
    assert is_reachable(address)


@pytest.mark.parametrize(
    ("claims", "welcome"),
    [
        ({"email": "Ann@Example.org"}, True),
        ({"email": "ann@example.org", "email_verified": True}, True),
        ({"email": "ann@example.org", "email_verified": False}, False),
        ({"email": "bob@firm.example"}, True),
        ({"email": "bob@sub.firm.example"}, False),
        ({"email": "eve@notfirm.example"}, False),
        ({"email": "eve@example.org"}, False),
        ({"name": "ann@example.org"}, False),
        ({"email": ""}, False),
        ({}, False),
    ],
)
def test_only_those_on_the_list_may_look(claims, welcome):
    assert is_welcome(claims, ("ann@example.org", "@firm.example")) is welcome


def test_without_a_list_everybody_whom_the_provider_knows_may_look():
    assert is_welcome({"sub": "1"}, ())


def test_there_is_one_provider_without_a_name_or_several_with():
    assert providers({"client_id": "a", "server_metadata_url": "b", "cookie_secret": "c"}) == [""]
    assert providers({"cookie_secret": "c", "one": {"client_id": "a"}, "two": {"client_id": "b"}}) == [
        "one",
        "two",
    ]
