"""Who may look: on this machine anybody, beyond it those who have logged in.

A dashboard shows prompts and answers, writes prices, and spends money with the keys of its environment. So it listens on
loopback unless it is told otherwise (`--server.address`, `STREAMLIT_SERVER_ADDRESS`, or `server.address` in
.streamlit/config.toml, read in this order), and beyond that asks for a login at an OpenID Connect provider, by
Streamlit's own `st.login`: section [auth] of .streamlit/secrets.toml.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import streamlit as st
from streamlit import runtime

from composite_llm import settings
from dashboard.plain import in_markdown

CONFIGURE = """\
[auth]
redirect_uri = "https://dashboard.example/oauth2callback"
cookie_secret = "a long random text"
client_id = "what your provider gave you"
client_secret = "what your provider gave you"
server_metadata_url = "https://provider.example/.well-known/openid-configuration"
"""
OF_ONE_PROVIDER = ("client_id", "server_metadata_url")


def admit() -> None:
    """Returns for who may look; else says why not, and ends the run."""
    login = _login()
    if login is not None:
        _ask_for_login(login)
    elif (
        _is_served() and is_reachable(st.get_option("server.address")) and not settings.load().open_dashboard
    ):
        _refuse(str(st.get_option("server.address") or "every address"))


def _is_served() -> bool:
    """By a server, and not run by Streamlit's AppTest, which listens nowhere and has something else for a runtime."""
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime


def is_reachable(address: str | None) -> bool:
    """Whether other machines may reach a server that listens there; without an address it listens everywhere."""
    host = (address or "").strip("[]")
    if host == "localhost" or host.startswith("unix://"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def log_out_button() -> None:
    """In the sidebar, for who has logged in."""
    if _login() is None:
        return
    who = st.user.get("email") or st.user.get("name") or "somebody"
    with st.sidebar:
        st.caption(f"Logged in as {in_markdown(str(who), 80)}")
        st.button("Log out", icon=":material/logout:", on_click=st.logout)


def _login() -> Mapping[str, Any] | None:
    """The section [auth] of the secrets; None where there is none."""
    return st.secrets.get("auth") if st.secrets.load_if_toml_exists() else None


def _ask_for_login(login: Mapping[str, Any]) -> None:
    if st.user.is_logged_in:
        if is_welcome(st.user.to_dict(), settings.load().dashboard_users):
            return
        _turn_away()
    st.title("composite_llm", anchor=False)
    if find_spec("authlib") is None:
        st.error('Logging in needs Authlib: pip install "composite-llm\\[login]"', icon=":material/error:")
        st.stop()
    st.write("Log in to see what was run and what it cost.")
    for provider in providers(login):
        label = f"Log in with {in_markdown(provider, 40)}" if provider else "Log in"
        st.button(
            label,
            type="primary",
            icon=":material/login:",
            on_click=st.login,
            args=(provider,) if provider else (),
        )
    st.stop()


def providers(login: Mapping[str, Any]) -> list[str]:
    """The names of those to choose from; an empty one where there is one alone, without a name."""
    if any(key in login for key in OF_ONE_PROVIDER):
        return [""]
    return [name for name, section in login.items() if isinstance(section, Mapping)]


def is_welcome(claims: Mapping[str, Any], users: Sequence[str]) -> bool:
    """Whether one of `users` has logged in: `ann@example.org`, or `@example.org` for all of a domain. An empty list is
    everybody whom the provider knows. An address that the provider has not verified is nobody's."""
    if not users:
        return True
    email = str(claims.get("email") or "").lower()
    if not email or claims.get("email_verified") is False:
        return False
    return any(
        email == user.lower() or (user.startswith("@") and email.endswith(user.lower())) for user in users
    )


def _turn_away() -> None:
    who = str(st.user.get("email") or st.user.get("name") or "This account")
    st.title("Not for this account", anchor=False)
    st.write(
        f"{in_markdown(who, 80)} is not among those who may look: COMPOSITE_LLM_DASHBOARD_USERS names them."
    )
    st.button("Log out", icon=":material/logout:", on_click=st.logout)
    st.stop()


def _refuse(address: str) -> None:
    st.title("Nobody is let in here", anchor=False)
    st.error(
        f"This dashboard listens on {in_markdown(address, 60)}, where other machines may reach it, and asks for no login. It "
        "shows prompts and answers, and can spend money.",
        icon=":material/lock:",
    )
    st.write("Let it listen on this machine alone, which is how it starts if nothing else is asked:")
    st.code("streamlit run dashboard/app.py --server.address 127.0.0.1", language="bash")
    st.write(
        'Or let people log in at an OpenID Connect provider: `pip install "composite-llm[login]"`, and in'
    )
    st.code(".streamlit/secrets.toml", language=None)
    st.code(CONFIGURE, language="toml")
    st.write(
        "Where something in front of it already sees to who gets here, such as a proxy with a login of its own, say so with "
        "`COMPOSITE_LLM_OPEN_DASHBOARD=1`."
    )
    st.stop()
