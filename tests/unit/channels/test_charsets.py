"""Declared charsets are believed as far as they go."""

import pytest

from pipeline.channels._charsets import decoded


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("退款".encode("gbk"), "gb2312", "退款"),
        ("朱镕基 嘅".encode("gb18030"), "gb2312", "朱镕基 嘅"),  # neither 镕 nor 嘅 is in GB 2312
        ("退款".encode(), "gb2312", "退款"),
        ("退款".encode("gb18030"), "utf-8", "退款"),
        ("退款".encode("gb18030"), None, "退款"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        ("退款".encode("utf-16"), "utf-8", "退款"),
        (b"plain", "no-such-charset", "plain"),
        (b"plain", "hex", "plain"),
        (b"\xff\xff", "utf-8", "\ufffd\ufffd"),
    ],
)
def test_text_of_bytes(data, declared, text):
    assert decoded(data, declared) == text
