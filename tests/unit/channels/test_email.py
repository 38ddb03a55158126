"""Mail as it comes: whatever is wrong with it, the words of its sender are read."""

import pytest

from tests.adapted import RECEIVED, record

MAY_DAY = 1_714_550_400_000


def mail(text="It leaks.", *headers: str, date="Wed, 01 May 2024 16:00:00 +0800", charset="utf-8"):
    lines = ["From: Anna <Anna@Example.org>", "Message-ID: <1@example.org>", f"Date: {date}", *headers]
    lines += [f"Content-Type: text/plain; charset={charset}"] * ("Content-Type" not in str(headers))
    return "\r\n".join([*lines, "", text.replace("\n", "\r\n")])


def test_a_plain_mail():
    post = record("email", mail("It leaks.", "Subject: Kettle").encode())
    assert (post.post_uid, post.title, post.text, post.event_time) == (
        "email:1@example.org", "Kettle", "It leaks.", MAY_DAY,
    )  # fmt: skip
    assert (post.author.native_id, post.author.display_name, post.visibility) == ("anna@example.org", "Anna", "direct")
    assert post.extra["headers"]["Subject"] == "Kettle"


def test_a_mail_may_be_a_json_string():
    assert record("email", mail()).text == "It leaks."


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("=?utf-8?B?5rC05aO25ryP5rC0?=", "水壶漏水"),
        ("=?gb2312?B?1OzpRg==?=", "造镕"),  # 镕 is not in GB 2312
        ("=?utf-8?B?5rC05aM=?=\r\n =?utf-8?B?tua8j+awtA==?=", "水壶漏水"),  # cut inside a character
        ("=?utf-8?Q?caf=C3=A9?= broken", "café broken"),
        ("=?no-such?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?B?5rC0", "=?utf-8?B?5rC0"),
        ("水壶", "水壶"),
    ],
)
def test_headers_are_decoded(subject, title):
    assert record("email", mail("x", f"Subject: {subject}").encode()).title == title


@pytest.mark.parametrize(
    ("data", "charset"),
    [("朱镕基".encode("gbk"), "gb2312"), ("朱镕基".encode(), "us-ascii"), ("朱镕基".encode("gbk"), "utf-8"),
     ("朱镕基".encode("gb18030"), "no-such")],
)  # fmt: skip
def test_bodies_whose_charset_lies(data, charset):
    assert record("email", mail("", charset=charset).encode() + data).text == "朱镕基"


@pytest.mark.parametrize(
    "tail",
    [
        "On Wed, 1 May 2024 at 15:00, Shop <a@b.c> wrote:\n> How can we help?",
        "On Wed, 1 May 2024 at 15:00, A Shop With a Long Name\n<support@shop.example> wrote:\n> How can we help?",
        "Am 01.05.2024 um 15:00 schrieb Shop:\n> Hallo",
        "在 2024年5月1日 15:00，店铺 <a@b.c> 写道：\n> 您好",
        "------------------ 原始邮件 ------------------\n发件人: 店铺",
        "-----Original Message-----\nFrom: Shop\nSent: today",
        "From: Shop <a@b.c>\nSent: Wednesday\nTo: Anna\nHow can we help?",
        "发件人: 店铺\n发送时间: 2024-05-01\n您好",
        "> How can we help?",
        "-- \nAnna\n+49 123",
        "Sent from my iPhone",
        "发自我的iPhone",
    ],
)
def test_quoted_mails_and_signatures_are_not_the_text(tail):
    post = record("email", mail(f"It leaks.\n\n{tail}").encode())
    assert post.text == "It leaks."
    assert tail.split("\n")[-1] in post.text_raw


@pytest.mark.parametrize("text", ["On Monday I wrote:\nit leaks", "> only this", "the clerk said -- nothing"])
def test_what_only_looks_like_a_quotation_stays(text):
    assert record("email", mail(text).encode()).text == text


MIXED = """Content-Type: multipart/mixed; boundary=A

--A
Content-Type: multipart/alternative; boundary=B

--B
Content-Type: text/plain; charset=utf-8

It leaks.
--B
Content-Type: text/html; charset=utf-8

<p>It <b>leaks</b>.</p>
--B--
--A
Content-Type: image/jpeg; name="=?utf-8?B?5rC05aO2?=.jpg"
Content-Disposition: attachment
Content-Transfer-Encoding: base64

AAAA
--A
Content-Type: message/rfc822

From: other@example.org

not mine
--A--
"""


def test_parts():
    headers, _, body = MIXED.partition("\n\n")
    post = record("email", mail(body, headers).encode())
    assert (post.text, post.extra["others"]) == ("It leaks.", ["<p>It <b>leaks</b>.</p>", "not mine"])
    assert [(one.type, one.alt, one.mime, one.bytes) for one in post.media] == [
        ("image", "水壶.jpg", "image/jpeg", 3), ("file", None, "message/rfc822", None),
    ]  # fmt: skip


def test_html_alone_is_read():
    post = record("email", mail("<p>It <a href='https://x.org/'>leaks</a></p>", "Content-Type: text/html").encode())
    assert (post.text, post.text_format, post.links[0].url) == ("It leaks", "html", "https://x.org/")


def test_a_thread_is_its_first_message():
    post = record("email", mail("x", "In-Reply-To: <3@x>", "References: <1@x> <2@x>\r\n <3@x>").encode())
    assert (post.conversation_uid, post.in_reply_to_uid) == ("email:1@x", "email:3@x")


def test_the_last_reference_is_the_parent_of_a_mail_that_names_none():
    assert record("email", mail("x", "References: <1@x> <2@x>").encode()).in_reply_to_uid == "email:2@x"


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied", "Return-Path: <>", "X-Autoreply: yes", "Precedence: auto_reply",
        "Subject: Automatic reply: kettle", "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN77yaeA==?=",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=A",
    ],
)  # fmt: skip
def test_automatic_answers_and_bounces_are_refused(header):
    verdict = record("email", mail("x", header).encode())
    assert verdict.reason == "irrelevant"


def test_a_form_is_by_a_machine_but_not_refused():
    assert record("email", mail("x", "Auto-Submitted: auto-generated").encode()).author.type == "bot"


@pytest.mark.parametrize(
    ("date", "headers", "basis"),
    [
        ("Wed, 01 May 2024 08:00:00 -0000", [], "source"),
        ("no date", ["Received: by x; Wed, 1 May 2024 08:00:00 GMT"], "platform_receive"),
    ],
)
def test_when_it_was_sent(date, headers, basis):
    post = record("email", mail("x", *headers, date=date).encode())
    assert (post.event_time, post.event_time_basis) == (MAY_DAY, basis)


def test_without_any_date_it_is_dated_by_the_collector():
    assert record("email", mail("x", date="soon").encode()).event_time == RECEIVED


def test_a_webhook_gives_the_message_in_fields():
    payload = {"MessageID": "<1@x>", "From": "a@b.c", "Subject": "S", "TextBody": "It leaks.\n> why?", "Spam": 0.5}
    post = record("email", payload)
    assert (post.post_uid, post.author.native_id, post.text, post.extra["Spam"]) == (
        "email:1@x", "a@b.c", "It leaks.", 0.5,
    )  # fmt: skip


def test_what_stands_beside_a_raw_message_is_kept():
    assert record("email", {"raw": mail(), "mailbox": "support"}).extra["mailbox"] == "support"


@pytest.mark.parametrize("payload", [b"hello", {"subject": "x"}, "hello", {"raw": "hello\nyou"}])
def test_what_is_no_message_is_refused(payload):
    assert record("email", payload).reason == "missing_field"


def test_nesting_without_end_is_refused():
    part = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(30))
    assert record("email", f"From: a@b.c\r\n{part}".encode()).reason == "too_deep"
