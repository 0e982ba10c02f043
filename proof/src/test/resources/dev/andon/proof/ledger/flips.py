"""Flips bytes of an export, one at a time, and prints what docs/verify-ledger.py says of each.

Arguments: the verifier, the export, and how many of each byte's bits to flip in turn. A verifier's state depends on the lines
that it has read and on nothing else; so each verdict goes on from the state before the line that is flipped.
Prints the line and the entry of each verdict, 0 0 where nothing was found.
"""

import copy
import importlib.util
import io
import sys


def states(verifier, export):
    """Where each line begins, and the verifier as it was there."""
    begins, start = [], 0
    while start < len(export):
        begins.append((start, copy.copy(verifier)))
        end = export.index(b"\n", start)
        verifier.take(export[start:end])
        start = end + 1
    return begins


def main(script, name, bits):
    spec = importlib.util.spec_from_file_location("verifier", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with open(name, "rb") as file:
        export = file.read()
    begins = states(module.Verifier(), export)
    line = 0
    for at in range(len(export)):
        if line + 1 < len(begins) and begins[line + 1][0] <= at:
            line += 1
        start, verifier = begins[line]
        for bit in range(bits):
            flipped = bytes([export[at] ^ 1 << (at + bit) % 8])
            rest = io.BytesIO(export[start:at] + flipped + export[at + 1 :])
            wrong = module.verify(rest.readline, copy.copy(verifier)) or (0, 0, "")
            print(wrong[0], wrong[1])


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
