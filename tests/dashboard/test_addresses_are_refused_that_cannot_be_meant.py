"""How people reach the dashboard and which proxies are believed is refused at start when it cannot be meant."""

from __future__ import annotations

import pytest

from dashboard.settings import Settings, WrongSetting

URL = "http://localhost:8080"


def made(**environ: str) -> Settings:
    return Settings.from_environment({f"SURGEBOARD_{name}": value for name, value in environ.items()})


def test_addresses_that_can_be_meant_are_taken() -> None:
    settings = made(
        AUTH="proxy", HOST="0.0.0.0", URLS=f"{URL}, https://a-b.example.com:8443/,https://[2001:db8::1]",
        TRUSTED_PROXIES="10.1.2.3/32,fd00::/64,10.9.9.9",
    )  # fmt: skip
    assert settings.urls[1] == "https://a-b.example.com:8443/"


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8080", "ftp://x", "https://x/path", "https://x?a=b", "https://x#a", "https://*.example.com",
        "https://user@x", "https://x:0", "https://x:99999", "https://x:", "https://", "*", "https://-x", "https://a b",
        "https://x?", "https://0.0.0.0", "javascript:alert(1)", "https://[::]:8080",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(WrongSetting, match="SURGEBOARD_URLS"):
        made(AUTH="token", URLS=url)


def test_one_name_by_both_schemes_is_refused() -> None:
    with pytest.raises(WrongSetting, match="both"):
        made(AUTH="token", URLS="http://x.example,https://x.example")


@pytest.mark.parametrize(
    "networks", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy", "10.0.0.0/33", "10.0.0.0/8,::/0", "0.0.0.0/1,128.0.0.0/1"]
)
def test_a_network_of_everybody_or_of_nobody_is_refused(networks: str) -> None:
    with pytest.raises(WrongSetting, match="SURGEBOARD_TRUSTED_PROXIES"):
        made(AUTH="proxy", URLS=URL, TRUSTED_PROXIES=networks)
    with pytest.raises(WrongSetting, match="SURGEBOARD_FORWARDING_HOPS"):
        made(AUTH="token", URLS=URL, FORWARDING_HOPS=networks)


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"AUTH": "none"}, "AUTH"),
        ({"AUTH": "token"}, "URLS"),
        ({"AUTH": "proxy", "URLS": URL}, "TRUSTED_PROXIES"),
        ({"HOST": "0.0.0.0"}, "HOST"),
        ({"HOST": "0.0.0.0", "URLS": URL}, "HOST"),
        ({"HOST": "::"}, "HOST"),
    ],
)
def test_what_would_be_unsafe_is_refused(environ: dict[str, str], name: str) -> None:
    with pytest.raises(WrongSetting, match=f"SURGEBOARD_{name}"):
        made(**environ)
