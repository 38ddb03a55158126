"""AES-256 in CBC mode as FIPS 197 and SP 800-38A write it, slowly: what the product's decryption is held against."""

ROUNDS, KEY_WORDS, BLOCK = 14, 8, 16


def encrypted(key: bytes, iv: bytes, plain: bytes, block: int = BLOCK) -> bytes:
    """``plain``, padded to ``block`` bytes (PKCS #7), encrypted."""
    rest = block - len(plain) % block
    padded, before, sealed = plain + bytes([rest]) * rest, iv, b""
    for start in range(0, len(padded), BLOCK):
        before = cipher(key, bytes(a ^ b for a, b in zip(padded[start : start + BLOCK], before, strict=True)))
        sealed += before
    return sealed


def cipher(key: bytes, block: bytes) -> bytes:
    """One block."""
    words = _expanded(key)
    state = _mixed_with(block, words, 0)
    for number in range(1, ROUNDS):
        state = _mixed_with(_mixed_columns(_shifted(_substituted(state))), words, number)
    return _mixed_with(_shifted(_substituted(state)), words, ROUNDS)


def _expanded(key: bytes) -> list[bytes]:
    words, constant = [key[place : place + 4] for place in range(0, 32, 4)], 1
    while len(words) < 4 * (ROUNDS + 1):
        word = words[-1]
        if len(words) % KEY_WORDS == 0:
            word = _substituted(word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _doubled(constant)
        elif len(words) % KEY_WORDS == 4:
            word = _substituted(word)
        words.append(bytes(a ^ b for a, b in zip(words[-KEY_WORDS], word, strict=True)))
    return words


def _mixed_with(state: bytes, words: list[bytes], number: int) -> bytes:
    return bytes(a ^ b for a, b in zip(state, b"".join(words[4 * number : 4 * number + 4]), strict=True))


def _substituted(state: bytes) -> bytes:
    return bytes(_SUBSTITUTES[one] for one in state)


def _shifted(state: bytes) -> bytes:
    return bytes(state[(place + 4 * (place % 4)) % BLOCK] for place in range(BLOCK))


def _mixed_columns(state: bytes) -> bytes:
    mixed = []
    for start in range(0, BLOCK, 4):
        column = state[start : start + 4]
        whole = column[0] ^ column[1] ^ column[2] ^ column[3]
        mixed += [one ^ whole ^ _doubled(one ^ column[(row + 1) % 4]) for row, one in enumerate(column)]
    return bytes(mixed)


def _doubled(one: int) -> int:
    return (one << 1 ^ (0x11B if one & 0x80 else 0)) & 0xFF


def _product(a: int, b: int) -> int:
    total = 0
    for bit in range(8):
        total ^= a if b >> bit & 1 else 0
        a = _doubled(a)
    return total


def _substitute(one: int) -> int:
    inverse = next((other for other in range(256) if _product(one, other) == 1), 0)
    turned = [(inverse << turns | inverse >> 8 - turns) & 0xFF for turns in range(5)]
    return turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63


_SUBSTITUTES = [_substitute(one) for one in range(256)]
