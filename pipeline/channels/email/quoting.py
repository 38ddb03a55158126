"""What a mail says itself, apart from the mails it answers and from its signature."""

import re

_SIGNATURE = re.compile(
    r"-- ?$|Sent from my |Get Outlook for |Von meinem .{1,40} gesendet|Envoyé de mon |发自我的|来自我的|发自\s*\S*邮"
)
_ANSWERED = re.compile(  # who wrote when; without a number or an address it may be a sentence like any other
    r"(?=.*[\d@])(?:On\b.{4,300}\bwrote|Am\b.{4,300}\bschrieb.{0,100}|Le\b.{4,300}\ba écrit|El\b.{4,300}\bescribió"
    r"|.{2,300}(?:写道|寫道|来信))\s*[:：]?$"
    r"|-{3,}\s*(?:Original Message|Original|Ursprüngliche Nachricht|原始邮件|原郵件|回复的原邮件)\s*-{3,}$",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\W{0,3}(?:From|Von|De|发件人|寄件者)\W{0,3}[:：]", re.IGNORECASE)
_NEXT_HEADER = re.compile(
    r"\W{0,3}(?:Sent|Date|To|Gesendet|Datum|An|Envoyé|Enviado|发送时间|日期|收件人|寄件日期)\W{0,3}[:：]", re.IGNORECASE
)
_LONGEST = 400  # characters of a line that may introduce an answer


def own_words(text: str) -> str:
    """The text without quoted mails and signature; all of it if nothing else would be left, as in a forward."""
    lines = text.split("\n")
    end = next((number for number in range(len(lines)) if _ends(lines, number)), len(lines))
    own = [line for line in lines[:end] if not line.startswith(">")]
    return "\n".join(own).strip() or text.strip()


def _ends(lines: list[str], number: int) -> bool:
    """Whether a signature or an answered mail begins here; mail programs break the line that introduces one."""
    line = lines[number].strip()[:_LONGEST]
    if _SIGNATURE.match(line) or _ANSWERED.match(line):
        return True
    following = lines[number + 1].strip()[:_LONGEST] if number + 1 < len(lines) else ""
    if _HEADER.match(line) and _NEXT_HEADER.match(following):
        return True
    return line.startswith(("On ", "Am ", "Le ", "El ", "在")) and bool(_ANSWERED.match(f"{line} {following}"))
