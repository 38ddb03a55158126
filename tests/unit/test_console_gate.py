"""Who gets into the console, from where, and what their browser is told; ClickHouse is away all the while."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from agents.console import gate
from agents.console.server import NoSource, application, source
from agents.settings import load

NOWHERE = "http://127.0.0.1:1/tocsin"
TOKEN, OTHER = "mei-has-a-long-token", "li-has-another-token"
USERS = {"console_users": f"mei:respond:{TOKEN},li:view:{OTHER}"}
BROWSER = {"Accept": "text/html"}
Console = Callable[..., "TestClient"]


@pytest.fixture
async def console() -> AsyncIterator[Console]:
    """Starts a console with more settings."""
    async with AsyncExitStack() as cleanup:

        async def started(**more: str) -> TestClient:
            given = {"clickhouse": NOWHERE, "kafka": "127.0.0.1:1", "http": "127.0.0.1:1", **more}
            app = application(load({f"TOCSIN_{name.upper()}": value for name, value in given.items()}))
            return await cleanup.enter_async_context(TestClient(TestServer(app)))

        yield started


async def login(client: TestClient, token: str, onward: str = "/health") -> tuple[int, str]:
    reply = await client.post("/login", data={"token": token, "next": onward}, allow_redirects=False)
    return reply.status, reply.headers.get("Location", "")


async def seal(client: TestClient) -> str:
    page = await (await client.get("/health", headers=BROWSER)).text()
    return re.search(r'name="csrf" value="(\w+)"', page)[1]


async def test_every_answer_forbids_foreign_scripts_and_frames(console: Console):
    client = await console()
    static = re.search(r"/static/\w+/console.css", await (await client.get("/health")).text())[0]
    replies = [await client.get(path) for path in ("/health", "/nothing", static, "/healthz")]
    replies.append(await client.get("/", allow_redirects=False))

    assert [reply.status for reply in replies] == [200, 404, 200, 200, 303]
    for reply in replies:
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
        assert "unsafe" not in reply.headers["Content-Security-Policy"]
        assert (reply.headers["X-Content-Type-Options"], reply.headers["X-Frame-Options"]) == ("nosniff", "DENY")


async def test_no_page_has_scripts_or_styles_of_its_own(console: Console):
    client = await console()
    pages = [await (await client.get(path)).text() for path in ("/incidents", "/health", "/posts", "/login", "/brands")]

    for page in pages:
        assert re.findall(r"<script(?![^>]* src=)", page) == []
        assert re.findall(r"<[^>]* (?:on\w+|style)=", page) == []


async def test_without_users_it_answers_to_names_of_this_machine_only(console: Console):
    client = await console()

    assert [(await client.get("/health", headers={"Host": host})).status for host in ("localhost:1", "[::1]:1")] == [
        200,
        200,
    ]
    assert (await client.get("/health", headers={"Host": "rebound.example.com"})).status == 421


async def test_nobody_looks_without_a_token(console: Console):
    client = await console(**USERS)
    asked = await client.get("/posts?words=a", headers=BROWSER, allow_redirects=False)

    onward = URL(asked.headers["Location"])

    assert (asked.status, onward.path, onward.query["next"]) == (303, "/login", "/posts?words=a")
    for path in ("/events", "/incidents", "/incidents/x", "/incidents/x/chart", "/dead-letters", "/health", "/"):
        assert (await client.get(path)).status == 401
    assert (await client.post("/incidents/x/ack")).status == 401
    assert (await client.get("/healthz")).status == 200


async def test_a_token_begins_a_session_that_scripts_and_other_sites_cannot_use(console: Console, monkeypatch):
    monkeypatch.setattr(gate, "WRONG_S", 0.0)
    client = await console(**USERS)
    wrong = await login(client, "a token that is not known")
    right = await client.post("/login", data={"token": TOKEN}, allow_redirects=False)
    cookie = right.headers["Set-Cookie"]

    assert wrong == (403, "")
    assert (right.status, right.headers["Location"]) == (303, "/incidents")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert (await client.get("/health")).status == 200


async def test_over_tls_the_cookie_stays_there(console: Console):
    client = await console(**USERS, console_url="https://tocsin.example.com")
    right = await client.post("/login", data={"token": TOKEN}, allow_redirects=False)

    assert right.headers["Set-Cookie"].startswith("__Host-tocsin=")
    assert "Secure" in right.headers["Set-Cookie"]


async def test_a_session_ends_by_a_form_of_ours(console: Console):
    client = await console(**USERS)
    await login(client, TOKEN)
    forged = await client.post("/logout", data={"csrf": "0" * 64}, allow_redirects=False)
    ended = await client.post("/logout", data={"csrf": await seal(client)}, allow_redirects=False)

    assert (forged.status, ended.status) == (403, 303)
    assert (await client.get("/health")).status == 401


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_what_another_site_sends_is_refused(console: Console, headers: dict[str, str]):
    client = await console()

    assert (await client.post("/login", data={"token": TOKEN}, headers=headers)).status == 403


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/a\r\nb"])
async def test_a_login_leads_to_no_other_site(console: Console, onward: str):
    client = await console(**USERS)

    assert await login(client, TOKEN, onward) == (303, "/incidents")


async def test_programs_send_their_token(console: Console):
    client = await console(**USERS)
    replies = [await client.get("/health", headers={"Authorization": f"Bearer {token}"}) for token in (OTHER, "x")]

    assert [reply.status for reply in replies] == [200, 401]


async def test_a_password_that_a_browser_sends_by_itself_is_no_seal(console: Console):
    client = await console(console_proxy_header="X-User", console_proxies="127.0.0.0/8")
    by_itself = {"X-User": "mei", "Authorization": "Basic bWVpOm1laQ=="}

    assert (await client.post("/logout", data={"csrf": ""}, headers=by_itself)).status == 403


async def test_behind_a_proxy_the_site_has_the_name_of_the_settings(console: Console):
    client = await console(console_url="https://tocsin.example.com")
    replies = [
        await client.post("/login", data={"token": "x"}, headers={"Origin": f"https://{name}"})
        for name in ("tocsin.example.com", "tocsin.example.com.evil.example")
    ]

    assert "not known" in await replies[0].text()
    assert "not ours" in await replies[1].text()


async def test_a_proxy_is_believed_by_its_address(console: Console):
    header = {"console_proxy_header": "X-User"}
    trusted = await console(**header, console_proxies="127.0.0.0/8", console_proxy_roles="mei:respond")
    stranger = await console(**header, console_proxies="10.0.0.0/8")

    assert (await trusted.get("/health", headers={"X-User": "mei"})).status == 200
    assert (await trusted.get("/health", headers={"X-User": "li"})).status == 401
    assert (await trusted.get("/health")).status == 401
    assert (await stranger.get("/health", headers={"X-User": "mei"})).status == 401


async def test_pages_say_that_clickhouse_is_away_in_the_language_of_the_reader(console: Console):
    client = await console()
    english = await (await client.get("/incidents")).text()
    chinese = await (await client.get("/incidents", headers={"Accept-Language": "zh-TW"})).text()
    incident = await client.get("/incidents/x")

    assert "ClickHouse does not answer" in english
    assert '<html lang="zh-Hant">' in chinese
    assert "ClickHouse 沒有回應" in chinese
    assert incident.status == 503


async def test_a_language_that_was_chosen_is_remembered(console: Console):
    client = await console()
    await client.get("/language?to=zh&next=/health")

    assert '<html lang="zh-Hans">' in await (await client.get("/health")).text()


async def test_static_files_are_kept_by_the_browser_under_their_version(console: Console):
    client = await console()
    path = re.search(r"/static/\w+/console.js", await (await client.get("/health")).text())[0]

    assert "immutable" in (await client.get(path)).headers["Cache-Control"]
    assert (await client.get("/static/old/console.js")).headers["Cache-Control"] == "no-cache"
    assert (await client.get("/static/x/..%2fserver.py")).status == 404


def test_it_reads_what_another_process_than_the_worker_can_read():
    embedded = {"TOCSIN_CLICKHOUSE": "chdb:///data?database=other"}

    assert source(load({**embedded, "TOCSIN_CLICKHOUSE_HTTP": "127.0.0.1:5"})) == "http://127.0.0.1:5/other"
    assert source(load({**embedded, "TOCSIN_CONSOLE_CLICKHOUSE": NOWHERE})) == NOWHERE
    with pytest.raises(NoSource, match="TOCSIN_CLICKHOUSE_HTTP"):
        source(load(embedded))
