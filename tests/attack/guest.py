"""Attacks by the guest's WebAssembly, its messages, and by what stands between worker and shim."""

import os
import re
import shutil
import subprocess
import time

import common
from common import BUILD_ID, OUT, Attack, Result, Worker, greeting, how_it_ended
from talk import QUESTION as ASKED
from talk import (DISPLAY, DONE, EXPAND, FAILURE, GOOD, HEAD, NONE, PANIC, REPLY, Talk, assemble, escaped, expand,
                  groups, leb, message, records, section)

TRUSTING = os.path.join(OUT, "worker-trusting")
CREDULOUS = os.path.join(OUT, "worker-credulous")


def outcome(talk, reply):
    """Of an expansion: a reply means that the attack worked; so does the end of the worker."""
    if reply is None:
        return Result(True, f"the worker ended: {how_it_ended(talk.end())}")
    text = reply[1].decode(errors="replace") if reply[0] == FAILURE else f"a reply of {len(reply[1])} bytes"
    talk.end()
    return Result(reply[0] == REPLY, text)


def unready(talk):
    status, text = talk.ready or (1, "the worker ended")
    code = talk.end()
    crashed = code < 0 and code != -9  # whose compiler is gone is killed
    return Result(status == 0 or crashed, text + (f" [{how_it_ended(code)}]" if crashed else ""))


QUESTION = message(DISPLAY, [0, 0])

# ---- the guest's messages -------------------------------------------------------------------------------

CALL = [0, 2, 0, 0]  # recipes, then a stream: one identifier, `a`
SOUND = [0, 3, 0, 0, 0]


def broken_messages():
    """(what is wrong with it, bytes, words of the refusal)"""
    def done(body, texts=("a",)):
        return message(DONE, body, texts)

    def words_at(data, at, value):
        return data[:at] + value.to_bytes(4, "little") + data[at + 4:]

    sound = done(SOUND)
    garbage = "garbage"
    ident, literal = [0, 0, 0], [2 | 4 << 4, 0, NONE, 0]
    yield "of another version", message(DONE, SOUND, ("a",), version=2), garbage
    yield "an operation that is none", message(99, SOUND, ("a",)), garbage
    yield "the compiler's own operation", message(EXPAND, [0, 1, 0, 0, 0]), garbage
    yield "a body longer than the message", words_at(sound, 4, 1000), garbage
    yield "a body of 16 GiB", words_at(sound, 4, NONE), garbage
    yield "a body too short", words_at(sound, 4, 1), garbage
    yield "four billion texts", words_at(sound, 8, NONE), garbage
    yield "a text too few", words_at(sound, 8, 0), garbage
    yield "a pool longer than the message", words_at(sound, 12, 400), garbage
    yield "a pool of 4 GiB", words_at(sound, 12, NONE), garbage
    yield "a text that ends before it begins", message(DONE, SOUND, ("ab", "")).replace(b"ab", b"ab")[:-8] + \
        (2).to_bytes(4, "little") + (1).to_bytes(4, "little") + b"ab\0\0", garbage
    yield "a text that ends behind the pool", words_at(sound, 16 + 4 * 5, 9), garbage
    yield "texts that are no UTF-8", done(SOUND, (b"\xff\xfe",)), garbage
    yield "a character cut in two", done(SOUND, (b"\xc3", b"\xa4")), garbage
    yield "padding that is not zero", sound[:-1] + b"x", garbage
    yield "bytes left over", sound + bytes(4), garbage
    yield "half a word", sound[:-2], garbage
    yield "no header", sound[:12], garbage
    yield "nothing", b"", garbage
    yield "four billion recipes", done([NONE, 0]), garbage
    yield "a recipe that is none", done([1, 6, 0, 0, 0]), garbage
    yield "a recipe made of itself", done([1, 1, 0x80000000, 0, 0]), garbage
    yield "a recipe made of a span that is not there", done([1, 1, 77, 0, 0]), garbage
    yield "a span that is not there", done([0, 3, 0, 0, 3]), garbage
    yield "a derived span that is not there", done([0, 3, 0, 0, 0x80000000]), garbage
    yield "a stream longer than the body", done([0, 4, *ident]), garbage
    yield "a stream of 16 GiB", done([0, NONE, *ident]), garbage
    yield "a stream too short", done([0, 2, *ident]), garbage
    yield "a piece that is none", done([0, 3, 15, 0, 0]), garbage
    yield "a piece cut off", done([0, 2, 0, 0]), garbage
    yield "a text that is not there", done([0, 3, 0, 1, 0]), garbage
    yield "an identifier without a text", done([0, 3, 0, NONE, 0]), garbage
    yield "reserved bits of an identifier", done([0, 3, 0x20, 0, 0]), garbage
    yield "a letter as punctuation", done([0, 2, 1 | ord("a") << 8, 0]), garbage
    yield "a punctuation beyond ASCII", done([0, 2, 1 | 0x3b1 << 8, 0]), garbage
    yield "a literal of no kind", done([0, 4, 2 | 11 << 4, 0, NONE, 0]), garbage
    yield "hashes where none can be", done([0, 4, 2 | 4 << 4 | 3 << 16, 0, NONE, 0]), garbage
    yield "65,535 hashes", done([0, 4, 2 | 5 << 4 | 65535 << 16, 0, NONE, 0]), garbage
    yield "a suffix that is not there", done([0, 4, *literal[:2], 7, 0]), garbage
    yield "a group longer than its stream", done([0, 6, 3, 0, 0, 0, NONE, 1]), garbage
    yield "a group of 16 GiB", done([0, 6, 3, 0, 0, 0, NONE, NONE]), garbage
    yield "a group of the guest's with an origin", done([0, 6, 3, 0, 0, 0, 0, 0]), garbage
    yield "a group whose spans differ", done([0, 6, 3, 0, 1, 0, NONE, 0]), garbage
    yield "a forged handle of a stream", done([0, 2, 4, 1000]), garbage
    yield "a forged handle of a group", done([0, 2, 5, 1000]), garbage
    yield "a stale handle", done([0, 2, 4, 3]), garbage
    yield "the last handle there could be", done([0, 2, 4, NONE]), garbage
    yield "a panic with a text that is not there", message(PANIC, [0, 3], ("a",)), garbage


def messages():
    broken = list(broken_messages())
    at, functions, datas, names = 65536, "", "", []
    for i, (_, data, _) in enumerate(broken):
        functions += f'  (func (export "m{i}") (param i32 i32) i32.const {at} i32.const {len(data)} call $reply)\n'
        datas += f'  (data (i32.const {at}) "{escaped(data)}")\n'
        names.append(f"m{i}")
        at += (len(data) + 15) & ~15
    odd = {
        "a message beyond its memory": "i32.const 0x7ffffff0 i32.const 64 call $reply",
        "a message across the end of its memory": "i32.const 131064 i32.const 64 call $reply",
        "a message that wraps at 4 GiB": "i32.const -16 i32.const 64 call $reply",
        "a message of 256 MiB": "i32.const 16 i32.const 0x10000000 call $reply",
        "a question beyond its memory": "i32.const -16 i32.const 64 call $ask drop call $took",
        "an answer that was never given": "i32.const 16 call $answer call $took",
        "a variable's name beyond its memory": "i32.const -16 i32.const 64 call $env_get drop call $took",
        "two replies": "call $took call $took",
        "a question as its last word": f"i32.const 64 i32.const {len(QUESTION)} call $reply",
    }
    says = {"a question as its last word": "replies with a question", "an answer that was never given": "an answer that is not there", "two replies": "no reply is due"}
    for title, code in odd.items():
        names.append(f"m{len(names)}")
        functions += f'  (func (export "{names[-1]}") (param i32 i32) {code})\n'
    artifact = assemble(HEAD + functions + datas + f'(data (i32.const 64) "{escaped(QUESTION)}"))', names, "messages")

    def attempt(index, program):
        talk = Talk(artifact, program=program)
        talk.expand(len(names) - 1, groups(5))  # so that there are handles to be stale
        return outcome(talk, talk.expand(index))

    def attack(index, title, words):
        return Attack("messages", f"a guest sends {title}", "the check of messages",
                      lambda: attempt(index, TRUSTING), lambda: attempt(index, common_worker()), words)

    for i, (title, _, words) in enumerate(broken):
        yield attack(i, title, words)
    for i, (title, code) in enumerate(odd.items(), len(broken)):
        if title not in says:
            yield attack(i, title, "is not within its memory")
    alone = assemble(HEAD.replace('(func (export "_initialize"))', '(func (export "_initialize") call $took)') +
                     '  (func (export "m") (param i32 i32) call $took))', ["m"], "early")
    late = assemble(HEAD + '  (func (export "m") (param i32 i32) call $took))', ["m"], "late")
    twice = [i for i, title in enumerate(odd, len(broken)) if title in says]
    for i in twice:
        title = list(odd)[i - len(broken)]
        yield Attack("messages", f"a guest sends {title}", "a second word",
                     lambda: simple(late), lambda i=i: attempt(i, common_worker()), says[title])
    yield Attack("messages", "a guest replies before it is asked", "an early word", lambda: simple(late),
                 lambda: simple(alone), "where no reply is due")


def foreign():
    """A handle and a span of an expansion that another worker is in the middle of."""
    handle, span = message(DONE, [0, 2, 4, 7]), message(DONE, [0, 3, 0, 0, 9], ("a",))
    data = f'(data (i32.const 64) "{escaped(handle)}") (data (i32.const 256) "{escaped(span)}")'
    data += f'(data (i32.const 512) "{escaped(QUESTION)}")'
    artifact = assemble(
        HEAD + f'  (func (export "waits") (param i32 i32) i32.const 512 i32.const {len(QUESTION)} call $ask drop)\n'
        f'  (func (export "handle") (param i32 i32) i32.const 64 i32.const {len(handle)} call $reply)\n'
        f'  (func (export "span") (param i32 i32) i32.const 256 i32.const {len(span)} call $reply)\n{data})',
        ["waits", "handle", "span"], "foreign")

    def attempt(index, program):
        owner, talk = Talk(artifact), Talk(artifact, program=program)
        spans = [word for span in range(3, 12) for word in (1 | ord("+") << 8, span)]
        asked = owner.expand(0, groups(9) + spans)
        result = outcome(talk, talk.expand(index))
        owner.end()
        return result if asked and asked[0] == ASKED else Result(False, f"the other has not asked: {asked}")

    for index, what in (1, "handle"), (2, "span"):
        yield Attack("messages", f"a guest sends a {what} of another worker's expansion", "the check of messages",
                     lambda i=index: attempt(i, TRUSTING), lambda i=index: attempt(i, common_worker()), "garbage")


def common_worker():
    from talk import PLAIN
    return PLAIN


def simple(artifact, **settings):
    talk = Talk(artifact, **settings)
    if talk.ready != (0, ""):
        return unready(talk)
    return outcome(talk, talk.expand())


# ---- the compiler's messages, mutated on the way ------------------------------------------------------------


def requests():
    artifact = assemble(HEAD + '  (func (export "m") (param i32 i32) call $took))', ["m"], "requests")
    mutated = {
        "names a macro that is not there": message(EXPAND, [77, 1, 0, 0, 0]),
        "holds no stream": message(EXPAND, [0, 0, 0]),
        "holds three streams": message(EXPAND, [0, 3, 0, 0, 1, 0, 2, 0, 0]),
        "numbers its streams out of order": message(EXPAND, [0, 1, 5, 0, 0]),
        "holds a stream of 16 GiB": message(EXPAND, [0, 1, 0, NONE, 0]),
        "sets reserved flags": message(EXPAND, [0, 1, 0, 0, NONE]),
        "holds a piece that is none": message(EXPAND, [0, 1, 0, 2, 9, 0, 0]),
        "holds a handle, which only guests send": message(EXPAND, [0, 1, 0, 2, 4, 0, 0]),
        "is an answer to no question": message(2, [0]),
        "is a guest's": GOOD,
        "is cut short": expand()[:-4],
    }
    for title, data in mutated.items():
        def attempt(program, data=data):
            talk = Talk(artifact, program=program)
            reply = talk.expand(data=data)
            if reply and reply[0] == FAILURE:
                after = talk.expand()
                if not after or after[0] != REPLY:
                    return Result(True, "the worker did not go on")
            return outcome(talk, reply)

        yield Attack("messages", f"a request that {title}", "the check of messages", lambda a=attempt: a(TRUSTING),
                     lambda a=attempt: a(common_worker()), ["message", "macro", "operation"])


# ---- greetings: a shim of another version ----------------------------------------------------------------------


def greetings():
    artifact = assemble(HEAD + '  (func (export "m") (param i32 i32) call $took))', ["m"], "greetings")
    digest = common.digest_of(artifact)

    def greet(hello, seals=7):
        worker = Worker(common_worker(), [f"--artifact={artifact}", f"--digest={digest}", "--package=p",
                                          "--version=1", "--kernel-wall=on"], {"HOME": "/nonexistent"}, hello, seals=seals)
        if len(hello) < common.GREETING:
            worker.socket.shutdown(1)
        answer = worker.answer()
        worker.socket.shutdown(2)
        status, text = worker.end()
        return Result(answer is not None and answer[0] == 0, f"{answer} {text} [{how_it_ended(status)}]")

    build = common.BUILD_ID
    for title, hello, seals, says in (
            ("of another build", greeting("0123456789abcdef"), 7, "the shim is of build 0123456789abcdef"),
            ("of another version", greeting(build, version=7), 7, "the shim speaks version 7"),
            ("that is no shim", greeting(build, magic=b"GLOVEBUX"), 7, "is not a shim's socket"),
            ("with less memory than it says", greeting(build, size=1 << 30), 7, "no shared memory"),
            ("with memory that can shrink", greeting(build), 0, "no shared memory"),
            ("with no room in its memory", greeting(build, size=64), 7, "no shared memory"),
            ("that says half a greeting", greeting(build)[:40], 7, "exit")):
        yield Attack("versions", f"a shim {title}", "that difference", lambda: greet(greeting(build)),
                     lambda hello=hello, seals=seals: greet(hello, seals), says)


# ---- modules ---------------------------------------------------------------------------------------------------------

# name: (module fields, body that reaches `call $took` when it works, harmless body of the same kind, what the refusal says)
OUT_OF_BOUNDS = "out of bounds memory access"
VICIOUS = {
    "reads at the top of 4 GiB": ("", "i32.const -1 i32.load8_u drop", "i32.const 0 i32.load8_u drop", OUT_OF_BOUNDS),
    "folds an address past 4 GiB": ("", "i32.const -16 i32.load offset=32 drop", "i32.const 16 i32.load offset=32 drop",
                                    OUT_OF_BOUNDS),
    "folds the largest offset": ("", "i32.const -1 i32.load offset=0xffffffff drop", "i32.const 1 i32.load offset=8 drop",
                                 OUT_OF_BOUNDS),
    "writes past 4 GiB": ("", "i32.const -8 i64.const 1 i64.store offset=16", "i32.const 8 i64.const 1 i64.store offset=64",
                          OUT_OF_BOUNDS),
    "reads the byte behind its memory": ("", "i32.const 131072 i32.load8_u drop", "i32.const 131071 i32.load8_u drop",
                                         OUT_OF_BOUNDS),
    "reads across the end": ("", "i32.const 131065 i64.load drop", "i32.const 131064 i64.load drop", OUT_OF_BOUNDS),
    "reads a vector across the end": ("", "i32.const 131057 v128.load drop", "i32.const 131056 v128.load drop",
                                      OUT_OF_BOUNDS),
    "writes a lane behind the end": ("", "i32.const 131069 v128.const i32x4 0 0 0 0 v128.store32_lane 0",
                                     "i32.const 131068 v128.const i32x4 0 0 0 0 v128.store32_lane 0", OUT_OF_BOUNDS),
    "takes a negative index for small": ("", "i64.const 0x8000000080000000 i32.wrap_i64 i32.load drop",
                                         "i64.const 0x8000000000000010 i32.wrap_i64 i32.load drop", OUT_OF_BOUNDS),
    "extends a spilled index": ("", "(local i32) i32.const -4 local.set 2 call $took2 local.get 2 i32.load drop",
                                "(local i32) i32.const 4 local.set 2 call $took2 local.get 2 i32.load drop", OUT_OF_BOUNDS),
    "copies across the end": ("", "i32.const 0 i32.const 131000 i32.const 100 memory.copy",
                              "i32.const 1024 i32.const 130972 i32.const 100 memory.copy", OUT_OF_BOUNDS),
    "copies so that the sum wraps": ("", "i32.const 16 i32.const -16 i32.const 32 memory.copy",
                                     "i32.const 1024 i32.const 32 i32.const 16 memory.copy", OUT_OF_BOUNDS),
    "fills 4 GiB": ("", "i32.const 0 i32.const 0 i32.const -1 memory.fill", "i32.const 512 i32.const 0 i32.const 9 memory.fill",
                    OUT_OF_BOUNDS),
    "copies more than a segment has": ('(data $d "abcd")', "i32.const 512 i32.const 2 i32.const 3 memory.init $d",
                                       "i32.const 512 i32.const 2 i32.const 2 memory.init $d", OUT_OF_BOUNDS),
    "copies from a dropped segment": ('(data $d "abcd")', "data.drop $d i32.const 512 i32.const 0 i32.const 1 memory.init $d",
                                      "i32.const 512 i32.const 0 i32.const 1 memory.init $d", OUT_OF_BOUNDS),
    "reads behind a table": ("(table $t 4 funcref)", "i32.const 4 table.get $t drop", "i32.const 3 table.get $t drop",
                             "out of bounds table access"),
    "writes at the top of a table": ("(table $t 4 funcref)", "i32.const -1 ref.null func table.set $t",
                                     "i32.const 1 ref.null func table.set $t", "out of bounds table access"),
    "copies a table across its end": ("(table $t 4 funcref) (table $u 9 funcref)",
                                      "i32.const 2 i32.const 0 i32.const 3 table.copy $t $u",
                                      "i32.const 1 i32.const 0 i32.const 3 table.copy $t $u", "out of bounds table access"),
    "copies a table so that the sum wraps": ("(table $t 4 funcref)", "i32.const -1 i32.const 0 i32.const 2 table.copy $t $t",
                                             "i32.const 1 i32.const 0 i32.const 2 table.copy $t $t",
                                             "out of bounds table access"),
    "fills more than a table": ("(table $t 4 funcref)", "i32.const 1 ref.null func i32.const 4 table.fill $t",
                                "i32.const 1 ref.null func i32.const 3 table.fill $t", "out of bounds table access"),
    "initialises a table from behind a segment": (
        "(table $t 4 funcref) (elem $e func $took2)", "i32.const 0 i32.const 1 i32.const 1 table.init $t $e",
        "i32.const 0 i32.const 0 i32.const 1 table.init $t $e", "out of bounds table access"),
    "calls what a table does not have": ("(table $t 2 funcref) (elem (i32.const 0) $took2)",
                                         "i32.const 7 call_indirect $t", "i32.const 0 call_indirect $t", "undefined element"),
    "calls an empty element": ("(table $t 2 funcref) (elem (i32.const 0) $took2)", "i32.const 1 call_indirect $t",
                               "i32.const 0 call_indirect $t", "uninitialized element"),
    "calls with another type": (
        "(table $t 2 funcref) (elem (i32.const 0) $took2 $three) (func $three (param i32 i64) (result f64) f64.const 0)",
        "i32.const 1 call_indirect $t", "i32.const 0 call_indirect $t", "indirect call type mismatch"),
    "divides the smallest number by -1": ("", "i32.const 0x80000000 i32.const -1 i32.div_s drop",
                                          "i32.const 8 i32.const -1 i32.div_s drop", "integer overflow"),
    "throws and nobody catches": ("(tag $t)", "throw $t", "nop", "uncaught exception"),
    "recurses": ("(func $down (param i64) (result i64) local.get 0 i64.const 1 i64.add call $down)",
                 "i64.const 0 call $down drop", "nop", "recursed too deeply"),
    "recurses through a table": (
        "(type $v (func)) (table $t 1 funcref) (elem (i32.const 0) $round) (func $round i32.const 0 call_indirect $t)",
        "call $round", "nop", "recursed too deeply"),
    "recurses with 40,000 locals": (
        "(func $wide (local " + "i64 " * 40000 + ") call $wide)", "call $wide", "nop", "recursed too deeply"),
    "loops": ("", "(loop br 0)", "nop", "took longer than its limit"),
    "loops in bulk": ("", "(loop i32.const 0 i32.const 65536 i32.const 65536 memory.copy br 0)", "nop",
                      "took longer than its limit"),
    "fills a gigabyte over and over": (
        "", "i32.const 4000 memory.grow drop (loop i32.const 65536 i32.const 1 i32.const 262000000 memory.fill br 0)", "nop",
        "took longer than its limit"),
    "grows its memory to 4 GiB": ("", "i32.const 65000 memory.grow i32.const -1 i32.eq if unreachable end",
                                  "i32.const 1 memory.grow drop", ["unreachable", "out of memory"]),
    "grows a table to four billion": ("(table $t 1 funcref)",
                                      "ref.null func i32.const -2 table.grow $t i32.const -1 i32.eq if unreachable end",
                                      "ref.null func i32.const 1 table.grow $t drop", "unreachable"),
    "gives the kernel a vector beyond its memory": (
        "", "i32.const 1 i32.const -8 i32.const 1 i32.const 512 call $fd_write if unreachable end",
        "i32.const 1 i32.const 600 i32.const 1 i32.const 512 call $fd_write if unreachable end", "unreachable"),
    "gives the kernel four billion vectors": (
        "", "i32.const 1 i32.const 512 i32.const -1 i32.const 512 call $fd_write if unreachable end",
        "i32.const 1 i32.const 600 i32.const 1 i32.const 512 call $fd_write if unreachable end", "unreachable"),
}


def vicious():
    helper = '  (func $took2)\n'

    def build(name, fields, body, kind):
        wat = HEAD + helper + f'  {fields}\n  (func (export "m") (param i32 i32) {body} call $took))'
        return assemble(wat, ["m"], re.sub(r"\W+", "-", name) + kind)

    for name, (fields, body, harmless, says) in VICIOUS.items():
        evil, tame = build(name, fields, body, ""), build(name, fields, harmless, "-tame")
        yield Attack("modules", f"a module {name}", "that one step too far", lambda tame=tame: simple(tame),
                     lambda evil=evil: simple(evil, time_limit=600), says)
    yield from instances()


def instances():
    """What an instance leaves in its memory when it traps is not there for the next."""
    body = "i32.const 70000 i32.load i32.const 0x5ec7e7 i32.eq if call $took else i32.const 70000 i32.const 0x5ec7e7 i32.store {} end"
    kept = assemble(HEAD + f'  (func (export "m") (param i32 i32) {body.format("i32.const 0 i32.const 0 call $reply")}))', ["m"],
                    "remembers")
    # shown where no trap comes between: a panic's reply, then the same instance again
    calm = assemble(HEAD + f'  (func (export "m") (param i32 i32) {body.format("call $took")}))', ["m"], "remembers-tame")

    def attempt(artifact):
        talk = Talk(artifact)
        first = talk.expand()
        return outcome(talk, talk.expand()) if first else outcome(talk, first)

    yield Attack("modules", "a module finds what the trapped one before it left", "a trap between", lambda: attempt(calm),
                 lambda: attempt(kept), "garbage")
    start = assemble(HEAD.replace('(func (export "_initialize"))', '(func (export "_initialize") (loop br 0))') +
                     '  (func (export "m") (param i32 i32) call $took))', ["m"], "endless-start")
    tame = assemble(HEAD + '  (func (export "m") (param i32 i32) call $took))', ["m"], "no-start")
    yield Attack("modules", "a module that starts for ever", "the loop", lambda: simple(tame),
                 lambda: simple(start, time_limit=600), "took longer than its limit")
    for title, code, says in (
            ("beyond its memory", "i32.const -64", "memory"), ("nowhere", "i32.const 0", "memory")):
        odd = assemble(HEAD.replace("i32.const 8192)", f"{code})") + '  (func (export "m") (param i32 i32) call $took))', ["m"],
                       "alloc-" + re.sub(r"\W", "-", title))
        yield Attack("modules", f"a module that wants its request {title}", "that address", lambda: simple(tame),
                     lambda odd=odd: simple(odd), says)


def ill_typed():
    """Bodies that no validation lets pass; shown with an engine that does not validate."""
    bodies = {
        "takes a number for a function": "i32.const 1234 call_indirect (type 0)",
        "takes 64 bits for an address": "i64.const 0x7f0000000000 i32.load drop call $took",
        "pops an empty stack": "drop drop drop drop i32.load drop call $took",
        "reads a local that is not there": "local.get 4000 drop call $took",
        "calls a function that is not there": "call 999999",
        "jumps to a label that is not there": "br 77",
        "sets a global that is not there": "i32.const 1 global.set 9 call $took",
        "reads a table that is not there": "i32.const 1 table.get 3 drop call $took",
        "returns too little": "call $took2 i32.load call $took",
    }
    for name, body in bodies.items():
        artifact = assemble(HEAD + f'  (func $took2 (result i32) )\n  (func (export "m") (param i32 i32) {body}))', ["m"],
                            "ill-" + re.sub(r"\W+", "-", name), checked=False)
        yield Attack("modules", f"a module {name}", "validation", lambda a=artifact: simple(a, program=CREDULOUS),
                     lambda a=artifact: simple(a), ["invalid", "wasm", "cannot be", "unknown", "type mismatch"])


def malformed():
    """Bytes that are no module; each beside one that is the same but sound."""
    sound = assemble(HEAD + '  (func (export "m") (param i32 i32) call $took))', ["m"], "sound")
    with open(sound, "rb") as file:
        good = file.read()
    magic, rest = good[:8], good[8:]
    types = section(1, b"\x01\x60\x00\x00")

    def raw(*sections):
        return magic + b"".join(sections) + records(["m"])

    def body(code, locals_=b"\x00"):
        """A whole macro crate around the body of its one macro."""
        alloc = b"\x00\x41\x80\x08\x0b"
        return (section(1, b"\x03\x60\x00\x00\x60\x01\x7f\x01\x7f\x60\x02\x7f\x7f\x00"), section(3, b"\x03\x00\x01\x02"),
                section(5, b"\x01\x00\x01"),
                section(7, b"\x04\x06memory\x02\x00\x0b_initialize\x00\x00\x0b__gbx_alloc\x00\x01\x01m\x00\x02"),
                section(10, b"\x03\x02\x00\x0b" + leb(len(alloc)) + alloc + leb(len(locals_ + code)) + locals_ + code))

    cases = {
        "is cut short": good[:len(good) // 2],
        "has another magic": b"\0bsm" + good[4:],
        "is of another version": good[:4] + b"\2\0\0\0" + rest,
        "is a component": good[:4] + b"\x0d\0\1\0" + rest,
        "has a section longer than the file": magic + b"\x01\xff\xff\xff\xff\x0f" + rest,
        "has its sections out of order": raw(section(3, b"\x01\x00"), types),
        "has a section twice": raw(types, types),
        "has a section of no kind": raw(section(99, b"")),
        "has four billion types": raw(section(1, b"\xff\xff\xff\xff\x0f")),
        "has a number too long": raw(section(1, b"\x81\x80\x80\x80\x80\x80\x00")),
        "has a type of no form": raw(section(1, b"\x01\x5d\x00\x00")),
        "has four billion parameters": raw(section(1, b"\x01\x60\xff\xff\xff\xff\x0f")),
        "has a function of no type": raw(types, section(3, b"\x01\x07")),
        "has functions without bodies": raw(types, section(3, b"\x02\x00\x00")),
        "has bodies without functions": raw(types, section(10, b"\x01\x02\x00\x0b")),
        "has a body longer than its section": raw(types, section(3, b"\x01\x00"), section(10, b"\x01\x7f\x00\x0b")),
        "has sixteen billion locals": raw(*body(b"\x0b", b"\x04" + b"\xff\xff\xff\xff\x0f\x7e" * 4)),
        "branches to a billion labels": raw(*body(b"\x41\x00\x0e\xff\xff\xff\xff\x03\x00\x0b")),
        "has no end": raw(*body(b"\x01\x01")),
        "has an instruction that is none": raw(*body(b"\x27\x0b")),
        "has a vector instruction that is none": raw(*body(b"\xfd\xff\xff\xff\xff\x0f\x0b")),
        "has a memory of more than 4 GiB": raw(section(5, b"\x01\x00\x81\x80\x04")),
        "has a memory larger than its most": raw(section(5, b"\x01\x01\x05\x04")),
        "has a table larger than its most": raw(section(4, b"\x01\x70\x01\x05\x04")),
        "exports what is not there": raw(section(7, b"\x01\x01m\x00\x63")),
        "exports a name twice": raw(types, section(3, b"\x01\x00"), section(7, b"\x02\x01m\x00\x00\x01m\x00\x00"),
                                   section(10, b"\x01\x02\x00\x0b")),
        "has a name that is no UTF-8": raw(types, section(3, b"\x01\x00"), section(7, b"\x01\x02\xff\xfe\x00\x00"),
                                          section(10, b"\x01\x02\x00\x0b")),
        "starts with what is not there": raw(section(8, b"\x63")),
        "has a global that is a vector of nothing": raw(section(6, b"\x01\x7f\x00\x7b\x0b")),
        "has data for a memory that is not there": raw(section(11, b"\x01\x00\x41\x00\x0b\x01x")),
        "counts its data wrongly": raw(section(5, b"\x01\x00\x01"), section(12, b"\x05"),
                                      section(11, b"\x01\x00\x41\x00\x0b\x01x")),
        "has elements for a table that is not there": raw(section(9, b"\x01\x00\x41\x00\x0b\x00")),
        "has bytes behind its last section": good + b"\x01",
        "declares macros that are no text": magic + section(0, leb(15) + b"glovebox.macros" + b"function\t\xff\xfe\n"),
        "declares no macros": magic + types,
    }
    for title, data in cases.items():
        path = os.path.join(OUT, "modules", "malformed-" + re.sub(r"\W+", "-", title) + ".wasm")
        with open(path, "wb") as file:
            file.write(data)
        yield Attack("modules", f"a module that {title}", "that defect", lambda: simple(sound),
                     lambda path=path: simple(path), ["cannot be loaded", "its artifact", "malformed module", "invalid module"])
    for title, importing in (
            ("the C library's system()", '(import "env" "system" (func (param i32) (result i32)))'),
            ("a call of ours with another type", '(import "glovebox" "reply" (func (param i64)))'),
            ("a call of WASI's that is none", '(import "wasi_snapshot_preview1" "proc_exec" (func (param i32)))'),
            ("somebody else's memory", '(import "glovebox" "memory" (memory 1))')):
        wat = f'(module {importing}\n  (func (export "m") (param i32 i32)))' if "memory" in title else \
            HEAD.replace("(module", "(module " + importing) + '  (func (export "m") (param i32 i32) call $took))'
        path = assemble(wat, ["m"], "imports-" + re.sub(r"\W+", "-", title))
        yield Attack("modules", f"a module imports {title}", "that import", lambda: simple(sound),
                     lambda path=path: simple(path), ["wants the", "import", "its artifact"])
    for title, entry in (("with another type", '(func (export "m") (param i64))'), ("that is a memory", '(memory (export "m") 1)')):
        wat = HEAD + entry + ")" if "type" in title else HEAD.replace('(memory (export "memory") 2)',
                                                                     '(memory (export "memory") (export "m") 2)') + ")"
        path = assemble(wat, ["m"], "entry-" + re.sub(r"\W+", "-", title))
        yield Attack("modules", f"a module has an entry {title}", "that type", lambda: simple(sound),
                     lambda path=path: simple(path), "no entry")


# ---- what lies on disk, replaced ----------------------------------------------------------------------------------------


def reply_with(letter):
    """A macro crate that replies with this identifier: all of them alike but for the body of one function."""
    data = message(DONE, [0, 3, 0, 0, 0], (letter * 4,))
    others = "".join(f'  (data (i32.const {70000 + 256 * i}) "{escaped(message(DONE, [0, 3, 0, 0, 0], (l * 4,)))}")\n'
                     for i, l in enumerate("AB"))
    at = 70000 + 256 * "AB".index(letter)
    return assemble(HEAD + others + f'  (func (export "m") (param i32 i32) i32.const {at} i32.const {len(data)} call $reply))',
                    ["m"], "says-" + letter)


def stored(decoys):
    good, evil = reply_with("A"), reply_with("B")
    digest = common.digest_of(good)
    folder = os.path.join(decoys.root, "glovebox", "replaced")
    os.makedirs(folder, exist_ok=True)

    def said(talk):
        if talk.ready != (0, ""):
            return unready(talk)
        reply = talk.expand()
        talk.end()
        text = reply[1] if reply else b""
        return Result(b"BBBB" in text, text.decode(errors="replace"))

    def replaced(wanted):
        path = os.path.join(folder, "artifact.wasm")
        shutil.copy(evil, path)
        return said(Talk(path, wanted))

    yield Attack("store", "an artifact is another than its digest says", "the digest",
                 lambda: replaced(common.digest_of(evil)), lambda: replaced(digest), "is not what it was made as")

    def raced(wanted):
        path = os.path.join(folder, "raced.wasm")
        shutil.copy(good, path)
        for i in range(40):
            talk_digest = wanted or common.digest_of(evil)
            other = path + "~"
            shutil.copy(evil if i % 2 == 0 or not wanted else good, other)
            pid = os.fork()
            if pid == 0:
                time.sleep(0.001 * (i % 8))
                os.rename(other, path)
                os._exit(0)
            result = said(Talk(path, talk_digest))
            os.waitpid(pid, 0)
            if result.took:
                return result
        return Result(False, "never in 40 starts: " + result.text)

    yield Attack("store", "an artifact is replaced while workers start", "the digest", lambda: raced(None),
                 lambda: raced(digest), "never in 40 starts")

    def kept(program):
        """The other module's machine code under this one's name."""
        home = os.path.join(folder, "home")
        shutil.rmtree(home, ignore_errors=True)
        code = os.path.join(home, "code")
        for artifact in (good, evil):
            Talk(artifact, home=home, program=program).end()
        end = time.monotonic() + common.PATIENCE
        while True:
            names = os.listdir(code) if os.path.isdir(code) else []
            of_both = [[name for name in names if name.startswith(common.digest_of(artifact)) and name.endswith(".code")]
                       for artifact in (good, evil)]
            if all(of_both) or time.monotonic() > end:
                break
            time.sleep(0.02)
        os.rename(os.path.join(code, of_both[1][0]), os.path.join(code, of_both[0][0]))
        return said(Talk(good, home=home, program=program))

    yield Attack("store", "kept machine code is another module's", "the look at what it was made from",
                 lambda: kept(CREDULOUS), lambda: kept(common_worker()), "AAAA")


def all_of(decoys):
    yield from messages()
    yield from foreign()
    yield from requests()
    yield from greetings()
    yield from vicious()
    yield from ill_typed()
    yield from malformed()
    yield from stored(decoys)
