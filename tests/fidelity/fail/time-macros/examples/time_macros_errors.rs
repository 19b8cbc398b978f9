use time::macros::*;
const A: time::Date = date!(2023 - 02 - 29);
const B: time::Time = time!(25:00);
const C: time::UtcOffset = offset!(+99);
const D: time::PrimitiveDateTime = datetime!(2020-01-01);
const E: &[time::format_description::BorrowedFormatItem<'_>] = format_description!("[year");
const F: &[time::format_description::BorrowedFormatItem<'_>] = format_description!("[yaer] [day padding:wrong]");
const G: time::Date = date!(2020-W60-1);
const H: time::Date = date!(2020 "x");
const I: time::Time = time!();
fn main() {}
