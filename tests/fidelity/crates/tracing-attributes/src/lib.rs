//! `tracing-attributes`: instrument on functions, methods, async functions.
use tracing::{instrument, Level};

#[instrument]
pub fn plain(a: u32, (b, c): (u8, &str)) -> u32 {
    a + u32::from(b) + c.len() as u32
}

#[instrument(level = "debug", name = "renamed", skip(secret), fields(len = secret.len(), id = %id, other.name = ?id), ret, err)]
pub fn fallible(id: u64, secret: &[u8]) -> Result<u64, std::fmt::Error> {
    if secret.is_empty() {
        Err(std::fmt::Error)
    } else {
        Ok(id)
    }
}

#[instrument(skip_all, parent = &tracing::Span::none(), target = "elsewhere")]
pub async fn asynchronous<T: Send>(value: T) -> T
where
    T: Clone,
{
    value.clone()
}

pub struct S {
    pub n: i32,
}
impl S {
    #[instrument(skip(self), fields(n = self.n), level = Level::WARN, ret(Debug), err(Display, level = "info"))]
    pub fn method(&mut self, by: i32) -> Result<i32, String> {
        self.n += by;
        if self.n < 0 {
            return Err("negative".into());
        }
        Ok(self.n)
    }
    #[instrument(err(Debug), skip(self))]
    pub async fn later(&self) -> Result<(), u8> {
        Err(1)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn still_computes() {
        assert_eq!(plain(1, (2, "abc")), 6);
        assert_eq!(fallible(3, b"x"), Ok(3));
        let mut s = S { n: 1 };
        assert_eq!(s.method(2), Ok(3));
        assert!(s.method(-9).is_err());
    }
}
