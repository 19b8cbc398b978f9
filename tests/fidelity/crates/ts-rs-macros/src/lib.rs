//! `ts-rs-macros`.
use ts_rs::TS;

/// Documented
#[derive(TS, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "TheUser")]
pub struct User<T> {
    #[ts(type = "bigint")]
    pub user_id: u64,
    #[ts(optional, as = "Option<T>")]
    pub name: Option<T>,
    pub list: T,
    #[ts(skip)]
    pub hidden: u8,
}
#[derive(TS, serde::Serialize)]
pub struct More {
    #[ts(inline)]
    pub kind: Kind,

}
#[derive(TS, serde::Serialize)]
#[serde(tag = "t", content = "c", rename_all = "snake_case")]
pub enum Kind {
    One,
    TwoThree(u8),
    Four { x: u8 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declares() {
        let d = User::<u8>::decl();
        assert!(d.starts_with("type TheUser<T> = {") && d.contains("userId: bigint"), "{d}");
    }
}
