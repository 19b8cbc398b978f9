//! Reads orders as JSON, checks them, and prints what they cost. Every derive, attribute and
//! function-like macro of a crate below was expanded in the sandbox.

use clap::{Parser, ValueEnum};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::time::{sleep, Duration};

/// Add up orders.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Options {
    /// Orders as JSON; an example of three when not given
    orders: Option<String>,
    /// What to do with an order that makes no sense
    #[arg(long, value_enum, default_value_t = OnError::Stop)]
    on_error: OnError,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum OnError {
    Stop,
    Skip,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Order {
    item: String,
    #[serde(default = "one")]
    how_many: u32,
    price: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "currency", content = "cents")]
enum Money {
    Euro(u64),
    Crown(u64),
}

#[derive(Debug, Error)]
enum Problem {
    #[error("the orders are no orders")]
    Syntax(#[from] serde_json::Error),
    #[error("nobody sells {0} pieces of {1}")]
    Count(u32, String),
}

fn one() -> u32 {
    1
}

const EXAMPLE: &str = r#"[
    {"item": "glove", "how-many": 2, "price": {"currency": "Euro", "cents": 1250}},
    {"item": "box", "price": {"currency": "Crown", "cents": 9900}},
    {"item": "air", "how-many": 0, "price": {"currency": "Euro", "cents": 1}}
]"#;

#[tracing::instrument(level = "debug", err)]
fn check(order: &Order) -> Result<u64, Problem> {
    let each = match order.price {
        Money::Euro(cents) => cents,
        Money::Crown(cents) => cents / 11,
    };
    match order.how_many {
        0 => Err(Problem::Count(0, order.item.clone())),
        n => Ok(each * u64::from(n)),
    }
}

#[tracing::instrument(skip_all, fields(count = orders.len()))]
async fn total(orders: &[Order], on_error: OnError) -> Result<u64, Problem> {
    let mut cents = 0;
    for order in orders {
        tokio::select! {
            biased;
            () = sleep(Duration::from_secs(60)) => unreachable!("an order takes no minute"),
            result = async { check(order) } => match result {
                Ok(more) => cents += more,
                Err(_) if on_error == OnError::Skip => (),
                Err(problem) => return Err(problem),
            },
        }
    }
    Ok(cents)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Problem> {
    let options = Options::parse();
    let orders: Vec<Order> = serde_json::from_str(options.orders.as_deref().unwrap_or(EXAMPLE))?;
    let cents = total(&orders, options.on_error).await?;
    println!("{} orders, {}.{:02} euro", orders.len(), cents / 100, cents % 100);
    println!("{}", serde_json::to_string(&orders[0])?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_example_adds_up() {
        let orders: Vec<Order> = serde_json::from_str(EXAMPLE).unwrap();
        assert_eq!(total(&orders, OnError::Skip).await.unwrap(), 3400);
        let error = total(&orders, OnError::Stop).await.unwrap_err();
        assert_eq!(error.to_string(), "nobody sells 0 pieces of air");
    }
}
