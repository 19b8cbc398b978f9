//! `ts-rs-macros`. Each type is given by hand: what a type depends on comes out of a `HashSet`, in another order each time.
use ts_rs::TS;

/// Documented
#[derive(TS, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[ts(rename = "TheUser")]
pub struct User {
    #[ts(type = "bigint")]
    pub user_id: u64,
    #[ts(type = "string | null")]
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
    TwoThree(#[ts(type = "number")] u8),
    Four {
        #[ts(type = "number")]
        x: u8,
    },
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
