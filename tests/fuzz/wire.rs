//! The wire format as guest and shim read it, for tests/fuzz/wire.c: any bytes are read as every shape of message
//! that there is, and followed to the last text. Nothing may panic.

#[path = "../../wire/wire.rs"]
#[allow(dead_code)]
mod wire;

use wire::{Error, Event, Message, Reader};

/// Reads a stream whole: (tokens, groups open at its end).
fn stream(message: &Message<'_>, reader: &mut Reader<'_>) -> Result<(u32, i32), Error> {
    let (mut tokens, mut depth) = (0, 0);
    for event in reader.events()? {
        tokens += 1;
        match event? {
            Event::Ident { text, .. } => assert!(message.text(text).is_some()),
            Event::Literal { kind, text, suffix, .. } => {
                assert!(kind <= wire::lit::ERR_WITH_GUAR as u8 && message.text(text).is_some());
                assert!(suffix == wire::NONE || message.text(suffix).is_some());
            }
            Event::Punct { ch, .. } => assert!(ch.is_ascii_punctuation()),
            Event::Open { delimiter, .. } => {
                assert!(delimiter < 4);
                depth += 1;
            }
            Event::Close => depth -= 1,
            Event::Stream(_) | Event::Same(_) => {}
        }
        assert!(depth >= 0);
    }
    Ok((tokens, depth))
}

/// Recipes, then a stream, then nothing: DONE. The number of events, or -1.
fn done(message: &Message<'_>) -> Result<u32, Error> {
    let mut reader = message.body();
    for _ in 0..reader.word()? {
        (reader.word()?, reader.word()?, reader.word()?);
    }
    let (tokens, depth) = stream(message, &mut reader)?;
    assert_eq!(depth, 0);
    reader.finish()?;
    Ok(tokens)
}

/// -2: not even a message; -1: not a DONE; else its events.
///
/// # Safety
/// `bytes` points to `length` bytes.
#[no_mangle]
pub unsafe extern "C" fn gb_fuzz_wire(bytes: *const u8, length: usize) -> i64 {
    // SAFETY: as said.
    let bytes = unsafe { std::slice::from_raw_parts(bytes, length) };
    let Ok(message) = Message::parse(bytes) else { return -2 };
    for index in 0..message.text_count() {
        assert!(message.text(index).is_some());
    }
    assert!(message.text(message.text_count()).is_none());
    for start in 0..16 {
        let _ = stream(&message, &mut message.reader(start));
        let mut reader = message.reader(start);
        let _ = (reader.piece(), reader.text(), reader.text_or_none(), reader.finish());
    }
    if message.operation() != wire::op::DONE {
        return -1;
    }
    done(&message).map_or(-1, i64::from)
}
