//! Tokens of every kind, through `attr` and `func` of crate `mac`, shown by `native::show`.
#![allow(uncommon_codepoints, overflowing_literals, unused)]

#[mac::attr]
#[native::show]
fn literals() {
    let _ = (1, 1_000, 0x1f, 0xFFu8, 0o17, 0b1010_1010u8, 1u128, 340282366920938463463374607431768211455);
    let _ = (1i8, 2i16, 3i32, 4i64, 5i128, 6isize, 7u8, 8u16, 9u32, 10u64, 11usize, 00, 007, 1f32);
    let _ = (0.0, 1.5, 1., 1e5, 1.5e-3, 1E+5, 2.0f32, 2.5f64, 1_0.0_1, 1e1_0, 3f64, 0.1e0f32);
    let _ = ('a', '\'', '"', '\n', '\\', '\0', '\x41', '\u{41}', 'ä', '😀', '\u{301}', '\u{200b}');
    let _ = (b'a', b'\'', b'"', b'\n', b'\\', b'\0', b'\xff', b'\x41');
    let _ = ("", "plain", "q\"q", "'", "\'", "\n\t\r\0\\", "\x41", "\u{e4}", "ä😀", "a\u{301}b", "\u{301}",
        "line
break", "continued \
        line", "\u{200b}", "tab	tab");
    let _ = (r"raw", r#"raw " raw"#, r##"x"#x"##, b"bytes\xff\"", b"\'", br"raw", br#"raw"#);
    let _ = (c"c", c"c\xff\u{e4}ä", c"\"", cr"c", cr#"c"#);
    let _ = (-1 - -2, -1.5);
}

#[mac::attr]
#[native::show]
/// A doc comment with "quotes" and 'ticks', ünïcode and \ backslash.
/** A block */
fn r#fn<'a, 'static_: 'a, T: ?Sized + Iterator<Item = &'a u8>>(r#type: &'a T, größe: u8) -> Option<Box<dyn Fn() -> u8 + 'a>>
where
    T: 'a,
{
    'outer: loop {
        if größe >= 1 && größe << 1 != 2 || größe <= 3 { break 'outer; }
    }
    let x = 1..=2; let y = ..3; let z = |a: u8, b: u8| a & b;
    let mut w = 5; w += 1; w -= 1; w *= 1; w /= 1; w %= 2; w ^= 1; w &= 1; w |= 1; w <<= 1; w >>= 1;
    match w { 0 | 1 => {}, n @ 2..=9 => { let _ = !n; } _ => () }
    let a = [0u8; 3]; let () = (); let _ = a[0] as u64; #[allow(unused)] let _q = Some(1)?;
    let _ = crate::r#fn::<dyn Iterator<Item = &u8>>; let _ = r#type; let _ = self::literals;
    None
}

macro_rules! made {
    ($name:ident, $ty:ty, $e:expr, $lt:lifetime, $vis:vis, $lit:literal, $b:block) => {
        #[mac::attr]
        #[native::show]
        $vis fn $name<$lt>(x: &$lt $ty) -> $ty { let _ = $e * 2; let _ = $lit; $b; $crate::helper(1) as $ty }
    };
}
fn helper(x: u8) -> u8 { x }
made!(made_one, u8, 1 + 2, 'x, pub(crate), "lit\u{41}", { 3 });

fn main() {
    let _ = mac::func!(1 + (2 * 3));
    println!("ok");
}
