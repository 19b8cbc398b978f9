//! `typetag-impl`.
use serde::{Deserialize, Serialize};

#[typetag::serde(tag = "type")]
pub trait Event {
    fn n(&self) -> u32;
}
#[derive(Serialize, Deserialize)]
pub struct Load(u32);
#[typetag::serde(name = "load")]
impl Event for Load {
    fn n(&self) -> u32 {
        self.0
    }
}
#[derive(Serialize, Deserialize)]
pub struct Click {
    pub x: u32,
}
#[typetag::serde]
impl Event for Click {
    fn n(&self) -> u32 {
        self.x
    }
}
#[typetag::serialize]
pub trait Only: Send {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let e: Box<dyn Event> = serde_json::from_str(r#"{"type":"Click","x":4}"#).unwrap();
        assert_eq!(
            (e.n(), serde_json::to_string(&e).unwrap().as_str()),
            (4, r#"{"type":"Click","x":4}"#)
        );
    }
}
