//! `ts-rs-macros`.
use ts_rs::TS;

/// Documented
#[derive(TS, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "TheUser")]
pub struct User {
    #[ts(type = "bigint")]
    pub user_id: u64,
    #[ts(optional)]
    pub name: Option<String>,
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
        let d = User::decl();
        assert!(d.starts_with("type TheUser = {") && d.contains("userId: bigint"), "{d}");
    }
}
