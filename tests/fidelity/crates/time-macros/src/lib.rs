//! `time-macros`: its own parser for dates and format descriptions, no syn.
use time::macros::{date, datetime, format_description, offset, time, utc_datetime};
use time::{
    format_description::BorrowedFormatItem, Date, OffsetDateTime, PrimitiveDateTime, Time,
    UtcOffset,
};

pub const DAY: Date = date!(2024 - 02 - 29);
pub const ORDINAL: Date = date!(2020 - 123);
pub const WEEK: Date = date!(2020 - W01 - 3);
pub const NEGATIVE: Date = date!(-1_000 - 01 - 01);
pub const NOON: Time = time!(12:00:00.123_456);
pub const PM: Time = time!(1:02 pm);
pub const SHIFT: UtcOffset = offset!(-5:30:15);
pub const MOMENT: OffsetDateTime = datetime!(2020-01-01 3:04:05 +1);
pub const PLAIN: PrimitiveDateTime = datetime!(2020-01-01 0:00);
pub const UTC: time::UtcDateTime = utc_datetime!(2020-01-01 0:00);
pub const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month padding:none]-[day] [[ [weekday repr:short]");
pub const V2: &[BorrowedFormatItem<'_>] =
    format_description!(version = 2, "[year][optional [-[month]]] \\[ [first [[day]] [[hour]]]");

time::serde::format_description!(pub iso, Date, "[year]/[month]/[day]");

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Holder {
    #[serde(with = "iso")]
    pub d: Date,
    #[serde(with = "iso::option")]
    pub o: Option<Date>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        assert_eq!(DAY.format(FORMAT).unwrap(), "2024-2-29 [ Thu");
        assert_eq!((PM.hour(), SHIFT.as_hms()), (13, (-5, -30, -15)));
        assert_eq!(MOMENT.unix_timestamp(), 1_577_844_245);
        assert_eq!((ORDINAL.ordinal(), WEEK.day(), NEGATIVE.year()), (123, 1, -1000));
    }
}
