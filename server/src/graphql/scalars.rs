//! Scalars of our own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// The largest whole number that a JSON number carries exactly, 2^53 - 1.
const MAX: i64 = (1 << 53) - 1;

/// A whole number up to 2^53 - 1, sent as a JSON number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Long(pub i64);

#[Scalar]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => match number.as_i64() {
                Some(number) if (-MAX..=MAX).contains(&number) => Ok(Self(number)),
                _ => Err(InputValueError::custom(format!("{number} is not a whole number up to 2^53 - 1"))),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}
