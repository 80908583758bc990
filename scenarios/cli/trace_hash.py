#!/usr/bin/env python3
"""Usage: trace_hash.py FILE. Recomputes the hash of a trace written by `pravega-sim run --trace FILE`.

Written from the words in simulator/world/trace.h alone.
"""
import sys
import zlib

MASK = 2**64 - 1
KINDS = {"delivery": 1, "timer": 2, "durable": 3, "choice": 4, "world": 5}


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


value = 0
with open(sys.argv[1], encoding="ascii") as lines:
    for line in lines:
        time, node, kind, ordinal, payload = line.rstrip("\n").split(" ")
        payload = bytes.fromhex(payload)
        for word in (int(time), fnv1a(node.encode()), KINDS[kind], int(ordinal), len(payload), zlib.crc32(payload)):
            value = (value ^ word) * 0x9E3779B97F4A7C15 & MASK
            value ^= value >> 32
print(f"{value:016x}")
