"""How a token looks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.tokens.format import ALPHABET, PATTERN, TokenKind, base62, checksum, hint, kind_of, token_text

kinds = st.sampled_from(TokenKind)
bits = st.binary(min_size=32, max_size=32)


@given(kinds, bits)
def test_every_token_is_recognised_and_is_one_word(kind: TokenKind, random: bytes) -> None:
    text = token_text(kind, random)
    assert kind_of(text) is kind
    assert len(text) == 55
    assert re.fullmatch(r"\w+", text, re.ASCII)
    assert re.findall(PATTERN, f"token={text}; and so on") == [text]


@given(bits, bits)
def test_different_bits_give_different_tokens(one: bytes, other: bytes) -> None:
    assert (token_text(TokenKind.ACCESS, one) == token_text(TokenKind.ACCESS, other)) == (one == other)


@given(kinds, bits, st.integers(0, 54), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_found_without_a_database(kind: TokenKind, random: bytes, place: int, letter: str) -> None:
    text = token_text(kind, random)
    wrong = text[:place] + letter + text[place + 1 :]
    assert kind_of(wrong) is (kind if wrong == text else None)


def test_the_kind_is_part_of_the_checksum() -> None:
    text = token_text(TokenKind.ACCESS, b"\x05" * 32)
    assert kind_of("oc_rt_" + text[6:]) is None


@pytest.mark.parametrize(
    "text", ["", "oc_at_", "Bearer x", "oc_at_" + "٣" * 49, token_text(TokenKind.ACCESS, b"a" * 32) + "\n"]
)
def test_other_texts_are_no_tokens(text: str) -> None:
    assert kind_of(text) is None


def test_the_format_is_fixed_for_scanners() -> None:
    assert token_text(TokenKind.ACCESS, bytes(32)) == "oc_at_" + "0" * 43 + checksum("oc_at_" + "0" * 43)
    assert token_text(TokenKind.REFRESH, b"\xff" * 32)[6:49] == base62(2**256 - 1, 43)
    assert (base62(61, 2), base62(62, 2), base62(0, 3)) == ("0z", "10", "000")


def test_only_exactly_32_bytes_make_a_token() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        token_text(TokenKind.ACCESS, b"short")


def test_a_hint_shows_kind_and_last_four() -> None:
    assert hint(TokenKind.REFRESH, "a1b2") == "oc_rt_…a1b2"
