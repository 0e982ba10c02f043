#!/usr/bin/env python3
"""Verifies exports of an Andon ledger, without Andon: Python 3.8 or later, standard library only.

    python3 verify-ledger.py [--key PUB]... FILE...

PUB is a node's public key, or a file with some, as 'andon ledger key' prints them: one of them must have signed the
end of each export. Without it, damage is found and forgery is not. Exit code: 0 all good, 3 one is bad, 2 usage.

The format is described in api/ledger-export.md; where this program and Andon's own verifier disagree, one has a defect.
"""

import base64
import binascii
import hashlib
import os
import re
import sys

NUMBER = rb"(0|[1-9][0-9]{0,18})"
TEXT = rb'([^"\\\x00-\x1f]*(?:\\["\\][^"\\\x00-\x1f]*)*)'
HEADER = re.compile(
    rb'\{"andon":"ledger","format":' + NUMBER + rb',"ledger":"([0-9a-f]{32})","after":' + NUMBER
    + rb',"hash":"([0-9a-f]{64})"\}'
)
ENTRY = re.compile(
    rb'\{"version":' + NUMBER + rb',"hash":"([0-9a-f]{64})","(?:entry":"' + TEXT + rb'|base64":"([^"]*))"\}'
)
SIGNED = re.compile(rb'\{"checkpoint":"' + TEXT + rb'","signature":"([^"]*)"\}')
CHECKPOINT = re.compile(
    rb'\{"checkpoint":1,"ledger":"([0-9a-f]{32})","epoch":' + NUMBER + rb',"version":' + NUMBER
    + rb',"hash":"([0-9a-f]{64})","node":"([0-9A-Za-z._:-]{1,128})","key":"([^"]*)"'
    + rb',"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(?:\d{3}){1,3})?Z)"\}'
)
KEY_HEAD = bytes.fromhex("302a300506032b6570032100")  # X.509 form of an Ed25519 key (RFC 8410), before its 32 bytes
MAX_LINE = (8 << 20) + 1024


class Bad(Exception):
    """What is wrong with a line."""


class Verifier:
    """Takes an export line by line; its attributes are all its state."""

    def __init__(self, keys=()):
        self.keys = keys
        self.lines = 0
        self.ledger = None
        self.version = 0
        self.hash = bytes(32)
        self.epoch = 0
        self.end = None  # the key and node of the last line, if that is a checkpoint

    def take(self, line):
        if self.ledger is None:
            self._header(line)
        elif line.startswith(b'{"checkpoint":'):
            self._checkpoint(line)
        else:
            self._entry(line)
        self.lines += 1

    def _header(self, line):
        match = _match(HEADER, line, "the header")
        if match[1] != b"1":
            raise Bad("format: %s (expected: 1)" % match[1].decode())
        if match[3] == b"0" and match[4] != b"0" * 64:
            raise Bad("hash: not zeros (expected: zeros before the first entry)")
        self.ledger = match[2]
        self.version = _number(match[3])
        self.hash = bytes.fromhex(match[4].decode())

    def _entry(self, line):
        match = _match(ENTRY, line, "an entry or a checkpoint")
        version = self.version + 1
        if _number(match[1]) != version:
            raise Bad("version: %s (expected: %d)" % (match[1].decode(), version))
        if match[3] is not None:
            entry = _text(match[3])
        else:
            entry = _base64(match[4])
            if _is_plain(entry):
                raise Bad("base64: a text (expected: texts in \"entry\")")
        expected = hashlib.sha256(self.hash + version.to_bytes(8, "big") + hashlib.sha256(entry).digest()).digest()
        if match[2].decode() != expected.hex():
            raise Bad("hash: %s (expected: %s)" % (match[2].decode(), expected.hex()))
        self.version, self.hash, self.end = version, expected, None

    def _checkpoint(self, line):
        match = _match(SIGNED, line, "a checkpoint")
        body, signature = _text(match[1]), _base64(match[2])
        says = _match(CHECKPOINT, body, "the checkpoint's text")
        key = _base64(says[6])
        if len(key) != 44 or not key.startswith(KEY_HEAD):
            raise Bad("key: no Ed25519 key in X.509 form")
        if says[1] != self.ledger or _number(says[3]) != self.version or says[4].decode() != self.hash.hex():
            raise Bad("checkpoint: of another ledger, version or hash (expected: of the entry before it)")
        if _number(says[2]) < self.epoch:
            raise Bad("epoch: %s (expected: %d or later)" % (says[2].decode(), self.epoch))
        if not signature_holds(key[12:], body, signature):
            raise Bad("signature: doesn't hold for this checkpoint and key")
        self.epoch, self.end = _number(says[2]), (says[6].decode(), says[5].decode())

    def finish(self):
        if self.ledger is None:
            raise Bad("nothing (expected: the header)")
        if self.end is None:
            raise Bad("nothing (expected: a signed checkpoint at the end; the export was cut off)")

    def check_key(self):
        if self.keys and self.end[0] not in self.keys:
            raise Bad("key: %s, of node %s (expected: one of the keys given)" % self.end)

    def about(self, line):
        """The entry that a line is about which comes next."""
        if self.ledger is None:
            return 0
        return self.version if line.startswith(b'{"checkpoint":') else self.version + 1


def verify(read, verifier):
    """Reads lines, as io.RawIOBase.readline gives them. Returns None, or line, entry and reason of what is wrong."""
    while True:
        line = read(MAX_LINE + 1)
        if not line:
            try:
                verifier.finish()
            except Bad as bad:
                return verifier.lines + 1, verifier.version, str(bad)
            try:
                verifier.check_key()
            except Bad as bad:
                return verifier.lines, verifier.version, str(bad)
            return None
        try:
            if not line.endswith(b"\n"):
                raise Bad("line: unfinished or too long (expected: a line break at its end)")
            verifier.take(line[:-1])
        except Bad as bad:
            return verifier.lines + 1, verifier.about(line), str(bad)


def _match(pattern, text, expected):
    match = pattern.fullmatch(text)
    if match is None:
        raise Bad("line: something else (expected: %s, in its one spelling)" % expected)
    return match


def _number(digits):
    number = int(digits)
    if number >= 1 << 63:
        raise Bad("number: %d (expected: less than 2^63)" % number)
    return number


def _text(escaped):
    text = re.sub(rb"\\(.)", rb"\1", escaped) if b"\\" in escaped else escaped
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("text: not UTF-8 (expected: UTF-8)") from None
    return text


def _is_plain(entry):
    try:
        entry.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return min(entry, default=32) >= 32


def _base64(text):
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if base64.b64encode(decoded) != text:
        raise Bad("base64: another spelling (expected: padded, unused bits zero)")
    return decoded


# Ed25519 (RFC 8032, section 5.1), verification only: slow, and with nothing secret in it.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)


def _add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _sum(s, a, t, b):
    """s times a and t times b, added."""
    both, total = _add(a, b), (0, 1, 1, 0)
    for i in range(255, -1, -1):
        total = _add(total, total)
        which = (s >> i & 1) + 2 * (t >> i & 1)
        if which:
            total = _add(total, (None, a, b, both)[which])
    return total


def _point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_MINUS_1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = _point(bytes.fromhex("58" + "66" * 31))


def signature_holds(key, message, signature):
    public, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or public is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    minus = (P - public[0], public[1], 1, P - public[3])
    found = _sum(s, BASE, h, minus)  # s B - h A, which must be R
    return (found[0] - r[0] * found[2]) % P == 0 and (found[1] - r[1] * found[2]) % P == 0


def read_keys(arguments):
    keys = []
    for argument in arguments:
        text = argument
        if os.path.isfile(argument):
            with open(argument, encoding="utf-8") as file:
                text = file.read()
        blocks = re.findall("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]*)-----END PUBLIC KEY-----", text)
        for key in blocks or [text]:
            key = "".join(key.split())
            if len(key) != 60 or not key.startswith("MCowBQYDK2VwAyEA"):
                raise SystemExit(_usage("--key: %s (expected: an Ed25519 public key, or a file with some)" % argument))
            keys.append(key)
    return keys


def _usage(message):
    print(message, file=sys.stderr)
    return 2


def main(arguments):
    keys, files = [], []
    while arguments:
        argument = arguments.pop(0)
        if argument == "--key" and arguments:
            keys.append(arguments.pop(0))
        elif argument.startswith("-"):
            return _usage(__doc__)
        else:
            files.append(argument)
    if not files:
        return _usage(__doc__)
    keys, code = read_keys(keys), 0
    for name in files:
        verifier = Verifier(keys)
        try:
            with open(name, "rb") as file:
                wrong = verify(file.readline, verifier)
        except OSError as error:
            return _usage("%s: %s" % (name, error))
        if wrong:
            code = 3
            print("%s: BAD line %d, entry %d: %s" % ((name,) + wrong))
        else:
            print(
                "%s: GOOD up to version %d of ledger %s, signed by node %s%s"
                % (
                    name,
                    verifier.version,
                    verifier.ledger.decode(),
                    verifier.end[1],
                    "" if keys else " (no key given: undamaged, but perhaps forged)",
                )
            )
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
