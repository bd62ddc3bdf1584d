//! Times as they are stored: milliseconds since 1970, UTC.

use chrono::{DateTime, Utc};

pub fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

pub fn to_ms(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}
