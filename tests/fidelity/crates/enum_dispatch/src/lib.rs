//! `enum_dispatch`: keeps state between expansions, links trait and enum in both orders.
use enum_dispatch::enum_dispatch;

#[enum_dispatch]
pub trait Knob {
    fn position(&self) -> f64;
    fn turn(&mut self, by: f64) -> &mut Self
    where
        Self: Sized;
    fn generic<T: Into<f64>>(&self, x: T) -> f64 {
        self.position() + x.into()
    }
    fn boxed(self) -> Box<u8>;
}

#[derive(Clone)]
pub struct Linear(pub f64);
pub struct Log(pub f64);

macro_rules! knob {
    ($t:ident, $f:expr) => {
        impl Knob for $t {
            fn position(&self) -> f64 {
                $f(self.0)
            }
            fn turn(&mut self, by: f64) -> &mut Self {
                self.0 += by;
                self
            }
            fn boxed(self) -> Box<u8> {
                Box::new(self.0 as u8)
            }
        }
    };
}
knob!(Linear, |x| x);
knob!(Log, |x: f64| x.ln());

/// The enum comes before one of its traits.
#[enum_dispatch(Shape)]
pub enum Any {
    Square,
    Circle(CircleType),
}
pub struct Square;
pub struct CircleType;

#[enum_dispatch]
pub trait Shape {
    fn area(&self) -> u32;
}
#[enum_dispatch(Named<T>)]
pub enum AnyNamed<T: std::fmt::Display> {
    Plain(Square),
    Holding(Holder<T>),
}
pub struct Holder<T>(pub T);
#[enum_dispatch]
pub trait Named<T: std::fmt::Display> {
    fn name(&self, t: T) -> String;
}
impl Shape for Square {
    fn area(&self) -> u32 {
        4
    }
}
impl Shape for CircleType {
    fn area(&self) -> u32 {
        3
    }
}
impl<T: std::fmt::Display> Named<T> for Square {
    fn name(&self, t: T) -> String {
        format!("square{t}")
    }
}
impl<T: std::fmt::Display> Named<T> for Holder<T> {
    fn name(&self, t: T) -> String {
        format!("{}{t}", self.0)
    }
}

pub mod nested {
    use super::*;
    #[enum_dispatch(Shape)]
    pub enum Both {
        Square,
        Any(super::Any),
    }
}

#[enum_dispatch]
pub trait Only {
    fn only(&self) -> u8;
}
impl Only for Square {
    fn only(&self) -> u8 {
        1
    }
}
#[enum_dispatch(Only)]
pub enum Single {
    #[cfg(all())]
    Inner(Square),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dispatches() {
        let a: Any = Square.into();
        assert_eq!(a.area(), 4);
        assert_eq!(AnyNamed::from(Holder(1)).name(3), "13");
        let b = nested::Both::from(a);
        assert_eq!(b.area(), 4);
        let c: Result<CircleType, _> = Any::from(CircleType).try_into();
        assert!(c.is_ok());
    }
}
