// The transcripts that `diff -o DIR` kept, against V8: node diff.js DIR
'use strict';
const fs = require('fs'), path = require('path');
const buffer = new ArrayBuffer(8), view = new DataView(buffer);
const ints = [0n, 1n, 0xFFFFFFFFFFFFFFFFn, 2n, 7n, 0x80000000n, 0x7FFFFFFFn, 0x8000000000000000n, 65535n, 1000n, 31n];
const floats = [0, 1, -1, 0.5, 1e10, -2147483649.0, 3e38, 1e300, 123.25];

// The binary's function types by index: JavaScript alone does not tell them.
function signatures(bytes) {
    let at = 8;
    const leb = () => {
        let v = 0, shift = 0, b;
        do { b = bytes[at++]; v += (b & 0x7F) * 2 ** shift; shift += 7; } while (b & 0x80);
        return v;
    };
    const name = () => { const n = leb(); at += n; return Buffer.from(bytes.slice(at - n, at)).toString(); };
    const types = [], funcs = [], globals = [], exports = [];
    while (at < bytes.length) {
        const id = bytes[at++], size = leb(), end = at + size;
        if (id === 1) for (let n = leb(); n; n--) {
            at++;
            const list = () => { const l = []; for (let k = leb(); k; k--) l.push(bytes[at++]); return l; };
            types.push({params: list(), results: list()});
        }
        if (id === 2) for (let n = leb(); n; n--) {
            name(); name();
            const kind = bytes[at++];
            if (kind === 0) funcs.push(types[leb()]);
            else if (kind === 3) { globals.push(bytes[at]); at += 2; }
            else { if (kind === 1) at++; const flags = leb(); leb(); if (flags & 1) leb(); }
        }
        if (id === 3) for (let n = leb(); n; n--) funcs.push(types[leb()]);
        if (id === 7) for (let n = leb(); n; n--) exports.push({name: name(), kind: bytes[at++], index: leb()});
        at = end;
    }
    return {funcs, exports};
}

function argument(type, seed) {
    if (type === 0x7D) return Math.fround(floats[seed % 9]);
    if (type === 0x7C) return floats[seed % 9];
    if (type === 0x7E) return BigInt.asIntN(64, ints[seed % 11]);
    if (type === 0x7F) return Number(BigInt.asIntN(32, ints[seed % 11]));
    return null;
}

function text(type, v) {
    if (type === 0x7F) return ' ' + (v >>> 0).toString(16);
    if (type === 0x7E) return ' ' + BigInt.asUintN(64, v).toString(16);
    if (type === 0x70 || type === 0x6F) return v === null ? ' null' : ' ref';
    if (Number.isNaN(v)) return ' nan';
    if (type === 0x7D) { view.setFloat32(0, v); return ' ' + view.getUint32(0).toString(16); }
    view.setFloat64(0, v);
    return ' ' + view.getBigUint64(0).toString(16);
}

function sum(bytes) {
    const words = new Uint32Array(bytes);
    let h = 0;
    for (let i = 0; i < words.length; i++) { h = (h << 5 | h >>> 27) ^ words[i]; h = Math.imul(h, 0x9E3779B1); }
    return (h >>> 0).toString(16).padStart(8, '0');
}

// Lines that V8 gives; where JavaScript cannot follow (v128 across the border), null: not compared.
function transcript(bytes) {
    const {funcs, exports} = signatures(bytes);
    const nothing = () => {};
    const support = {};
    for (const t of ['i32', 'i64', 'f32', 'f64', 'v128']) support['log-' + t] = nothing;
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {'fuzzing-support': support});
    const lines = [];
    // Our engine lists exports by length of the name, then by bytes.
    exports.sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1));
    const refill = instance.exports.hangLimitInitializer;
    for (let round = 0; round < 2; round++) for (const e of exports) {
        if (e.kind !== 0) continue;
        const type = funcs[e.index];
        if (refill) refill();
        if (instance.exports.fuel instanceof WebAssembly.Global) instance.exports.fuel.value = 3000;
        if (type.params.includes(0x7B) || type.results.includes(0x7B)) return lines;
        const args = type.params.map((t, i) => argument(t, round * 5 + i * 3 + e.index));
        let line = e.name + ':';
        try {
            const result = instance.exports[e.name](...args);
            const all = type.results.length > 1 ? [...result] : [result];
            type.results.forEach((t, i) => { line += text(t, all[i]); });
        } catch (x) {
            if (x instanceof RangeError || x instanceof TypeError) return lines; // stack; v128 at the border
            if (!(x instanceof WebAssembly.RuntimeError)) throw x;
            line += ' trap';
        }
        lines.push(line);
    }
    const memory = exports.find(e => e.kind === 2);
    if (memory) {
        const m = instance.exports[memory.name].buffer;
        lines.push(`memory ${m.byteLength} ${sum(m)}`);
    }
    for (const e of exports) {
        if (e.kind !== 3) continue;
        const g = instance.exports[e.name];
        if (e.name === 'fuel') lines.push(`fuel =${text(0x7F, g.value)}`);
    }
    return lines;
}

let passed = 0, failed = 0, lines = 0;
for (const file of fs.readdirSync(process.argv[2]).sort()) {
    if (!file.endsWith('.wasm')) continue;
    const base = path.join(process.argv[2], file);
    const ours = fs.readFileSync(base.slice(0, -5) + '.txt', 'utf8').split('\n')
        .filter(l => l && !l.startsWith('#') && !/^g\d =/.test(l)).map(l => l.replace(/ trap \d+$/, ' trap'));
    let theirs;
    try { theirs = transcript(fs.readFileSync(base)); } catch (x) { theirs = ['error ' + x.message]; }
    const stop = ours.indexOf('stopped');
    let same = true;
    for (let i = 0; i < theirs.length && (stop < 0 || i < stop - 1); i++) {
        if (ours[i] === theirs[i]) { lines++; continue; }
        console.log(`${file}: line ${i + 1}: ours ${ours[i]}, V8 ${theirs[i]}`);
        same = false;
        break;
    }
    if (same) passed++; else failed++;
}
console.log(`${lines} lines`);
console.log(`diff-v8: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
