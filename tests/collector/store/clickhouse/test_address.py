import dataclasses

import pytest

from collector.errors import BadStoreAddress
from collector.store.clickhouse.address import ClickhouseAddress


def test_an_address_is_taken_apart():
    address = ClickhouseAddress.parsed(
        "clickhouse://ann:p%40ss%2Fword@db.example:9000/spans?secure=true&verify=false&retention_days=30"
    )

    assert dataclasses.asdict(address) == {
        "host": "db.example",
        "port": 9000,
        "database": "spans",
        "user": "ann",
        "password": "p@ss/word",
        "secure": True,
        "verify": False,
        "ca_cert": "",
        "retention_days": 30,
        "otel_table": "",
    }


@pytest.mark.parametrize(
    ("url", "port", "database"),
    [
        ("clickhouse://localhost", 8123, "default"),
        ("clickhouse://localhost/", 8123, "default"),
        ("clickhouse://localhost/spans?secure=1", 8443, "spans"),
        ("clickhouse://[::1]:8000/spans", 8000, "spans"),
    ],
)
def test_what_is_left_out_has_the_usual_value(url, port, database):
    address = ClickhouseAddress.parsed(url)

    assert (address.port, address.database, address.user, address.password) == (port, database, "default", "")


def test_nobody_reads_user_or_password_in_it():
    address = ClickhouseAddress.parsed("clickhouse://ann:secret@db.example:8123/spans")

    assert str(address) == "clickhouse://db.example:8123/spans"
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgres://ann:secret@db.example/spans", "clickhouse://"),
        ("clickhouse://ann:secret@/spans", "clickhouse:// and a host"),
        ("clickhouse://ann:secret@db.example:http/spans", "port"),
        ("clickhouse://ann:secret@db.example:99999/spans", "port"),
        ("clickhouse://ann:secret@db.example/a%60b", "letters, digits and underscores"),
        ("clickhouse://ann:secret@db.example/a/b", "letters, digits and underscores"),
        ("clickhouse://ann:secret@db.example/spans?tls=1", "there is no option 'tls'; there are: secure"),
        ("clickhouse://ann:secret@db.example/spans?secure=perhaps", "secure must be true or false"),
        ("clickhouse://ann:secret@db.example/spans?retention_days=forever", "retention_days"),
        ("clickhouse://ann:secret@db.example/spans?retention_days=4000", "up to 3650"),
        ("clickhouse://ann:secret@db.example/spans?otel_table=a-b", "otel_table"),
    ],
)
def test_a_faulty_address_is_refused_without_repeating_the_password(url, reason):
    with pytest.raises(BadStoreAddress, match="clickhouse://user:password@host:port/database") as refused:
        ClickhouseAddress.parsed(url)

    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)
