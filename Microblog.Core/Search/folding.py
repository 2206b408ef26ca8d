#!/usr/bin/env python3
"""Makes folding.txt, the table by which search compares text, from the Unicode data in Python.

    python3 Microblog.Core/Search/folding.py > Microblog.Core/Search/folding.txt

Lines, with code points in hexadecimal:
    C first last class   what the code points are: W part of a word, U a letter of a script that writes without spaces,
                         S a symbol that is a word by itself, D dropped; all others separate words
    F first last text    what they are compared as: text, and the code points behind it for those behind the first
    K kana mark text     a kana with a voicing mark that is a code point by itself
"""
import sys
import unicodedata

EXTRA = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "ĸ": "k"}
# Marks that people leave out when they type: on Latin, Greek, Cyrillic, Hebrew and Arabic letters, and selectors of a form.
MARKS = [(0x300, 0x36F), (0x483, 0x489), (0x591, 0x5C7), (0x610, 0x61A), (0x640, 0x640), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6DC),
         (0x6DF, 0x6E8), (0x6EA, 0x6ED), (0x8D3, 0x8E1), (0x8E3, 0x8FF), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0x3099, 0x309A),
         (0xFB1E, 0xFB1E), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0x1F3FB, 0x1F3FF), (0xE0100, 0xE01EF)]
UNSPACED = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "IDEOGRAPHIC", "THAI", "LAO", "KHMER", "MYANMAR", "HENTAIGANA", "KANGXI", "CJK RADICAL")
EVERY = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def is_mark(c):
    return any(first <= c <= last for first, last in MARKS) or (unicodedata.category(chr(c)) == "Cf" and c != 0x200B)


def fold_once(text):
    out = []
    for char in text:
        if char in EXTRA:
            out.append(EXTRA[char])
        elif (digit := unicodedata.decimal(char, None)) is not None:
            out.append(str(digit))
        elif any(word in unicodedata.name(char, "") for word in ("HIRAGANA", "KATAKANA", "HANGUL")):
            out.append(unicodedata.normalize("NFKC", char))
        else:
            out.append(unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold()))
    return "".join(char for char in "".join(out) if not is_mark(ord(char)))


def fold(text):
    while (folded := fold_once(text)) != text:
        text = folded
    return text


def class_of(c):
    char, category = chr(c), unicodedata.category(chr(c))
    if is_mark(c):
        return "D"
    # Whole planes and blocks, also where a code point is given a meaning only later.
    if 0x20000 <= c <= 0x3FFFD or unicodedata.name(char, "").startswith(UNSPACED) and category[0] in "LMN" and category != "Nd":
        return "U"
    if 0x1F000 <= c <= 0x1FAFF or category == "So":
        return "S"
    return "W" if category[0] in "LMN" else ""


def runs(pairs, follows):
    run = None
    for c, value in pairs:
        if run and c == run[1] + 1 and follows(run, value):
            run[1] = c
        else:
            if run:
                yield run
            run = [c, c, value]
    if run:
        yield run


def main():
    print("# Made by folding.py from Unicode", unicodedata.unidata_version)
    for first, last, value in runs(((c, class_of(c)) for c in EVERY), lambda run, value: value == run[2]):
        if value:
            print(f"C {first:X} {last:X} {value}")
    folds = ((c, fold(chr(c))) for c in EVERY if class_of(c) != "D" and fold(chr(c)) != chr(c))
    folds = ((c, text) for c, text in folds if class_of(c) or any(class_of(ord(char)) for char in text))
    for first, last, text in runs(folds, lambda run, text: len(text) == len(run[2]) == 1 and ord(text) - ord(run[2]) == run[1] + 1 - run[0]):
        print(f"F {first:X} {last:X}", *(f"{ord(char):X}" for char in text))
    for c in EVERY:
        name = unicodedata.name(chr(c), "")
        parts = unicodedata.normalize("NFD", chr(c))
        if name.startswith(("HIRAGANA", "KATAKANA")) and len(parts) == 2:
            print(f"K {ord(parts[0]):X} {ord(parts[1]):X} {c:X}")


sys.stdout.reconfigure(encoding="ascii")
main()
