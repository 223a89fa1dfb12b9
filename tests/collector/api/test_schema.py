"""The tables that explorers may ask, described by the comments beside their definitions."""

import httpx


def test_tables_and_columns_come_with_their_meaning(collector):
    answer = httpx.get(f"{collector.url}/schema").json()

    tables = {table["name"]: table for table in answer["tables"]}
    spans = {column["name"]: column for column in tables["spans"]["columns"]}
    assert list(tables) == ["traces", "spans", "resources", "scopes"]
    assert tables["spans"]["meaning"].startswith("One row per span.")
    assert spans["cost_usd"] == {
        "name": "cost_usd",
        "type": "DOUBLE",
        "unit": "US dollars",
        "meaning": "as recorded when the call ran; null is unknown, never zero; sum only where is_llm_call",
    }
    # Said on the line above the column, and on that behind it.
    assert spans["parent_span_id"]["meaning"].startswith("null for a root;")
    assert spans["is_llm_call"]["meaning"].startswith("money and tokens are only ever summed over these rows")
    assert spans["name"]["meaning"] == ""
    units = {name: spans[name]["unit"] for name in ("duration_ns", "input_tokens", "model")}
    assert units == {"duration_ns": "ns", "input_tokens": "tokens", "model": ""}
    assert answer["functions"][0]["call"].startswith("runs(since_ns, until_ns, ")


def test_every_table_that_is_described_can_be_asked_with_its_columns(collector):
    for table in httpx.get(f"{collector.url}/schema").json()["tables"]:
        columns = ", ".join(column["name"] for column in table["columns"])

        answer = httpx.post(f"{collector.url}/query", json={"sql": f"select {columns} from {table['name']}"})

        assert answer.status_code == 200
        assert [column["name"] for column in answer.json()["columns"]] == columns.split(", ")


def test_the_function_can_be_asked(collector):
    sql = "select count(*) from runs(0, 9223372036854775807, [], 'all', '', '')"

    assert httpx.post(f"{collector.url}/query", json={"sql": sql}).json()["rows"] == [[0]]
