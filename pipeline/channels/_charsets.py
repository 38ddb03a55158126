"""Bytes to text where the charset that is declared may be missing, too narrow or wrong."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

_WIDER = {  # what is declared, and the superset that senders mean
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "chinese": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8", "utf8": "utf-8",
}  # fmt: skip
_LIKELY = ("utf-8", "gb18030")  # where the declared one fails


def bytes_of(text: str) -> bytes:
    """The bytes of a document that is not decoded yet: those beyond ASCII are surrogates. Of a text, its UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # surrogates of another origin
        return text.encode("utf-8", "replace")


def decoded(data: bytes, declared: str | None) -> str:
    """The text, as declared if that is possible; what no charset explains becomes U+FFFD. Never raises."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    name = (declared or "utf-8").strip().strip("\"'").lower()
    for charset in (_WIDER.get(name, name), *_LIKELY):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):  # no such charset, or not in it
            continue
    return data.decode("utf-8", "replace")


def text_of(document: str) -> str:
    """The text of a document that declares no charset."""
    return decoded(bytes_of(document), None)
