//! Telling one receiver of one event: how far it is, when it is tried again, and the signed message.

use super::digest::Digest;
use super::ids::{DatasetId, WebhookDeliveryId, WebhookEventId};
use super::webhook_event::{WebhookEventKind, time_text};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

#[derive(Debug, Clone)]
pub struct WebhookDelivery {
    pub id: WebhookDeliveryId,
    /// The same for every receiver of the event.
    pub event_id: WebhookEventId,
    pub event: WebhookEventKind,
    pub dataset_id: DatasetId,
    pub data: Value,
    pub happened_at: DateTime<Utc>,
    /// Address of the receiver.
    pub url: String,
    pub state: WebhookDeliveryState,
    /// Attempts that ended.
    pub attempts: i64,
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// `None` once it has ended.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// HTTP status of the last attempt; `None` when nobody answered.
    pub status: Option<i64>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum)]
pub enum WebhookDeliveryState {
    /// Not taken yet; it is tried, or tried again.
    Pending,
    /// The receiver answered with a status of 200 to 299.
    Delivered,
    /// Given up: its time is over, or its receiver is configured no more.
    Failed,
}

impl WebhookDeliveryState {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Delivered, Self::Failed];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Delivered => "DELIVERED",
            Self::Failed => "FAILED",
        }
    }

    pub fn parse(text: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Failed)
    }
}

/// What a list of deliveries is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct WebhookDeliveryFilter {
    pub state: Option<Vec<WebhookDeliveryState>>,
}

/// When a delivery is tried again, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Retries {
    pub first_retry_ms: u64,
    pub give_up_after_ms: u64,
}

/// The longest time between two attempts: a receiver that comes back hears of everything within it.
const LONGEST_PAUSE_MS: u64 = 3_600_000;

impl Retries {
    /// When to try again after the given number of attempts, the last of which failed now; `None`: never.
    pub fn next_attempt(&self, happened_at: DateTime<Utc>, attempts: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(63);
        let pause_ms = self.first_retry_ms.saturating_mul(1 << doublings).min(LONGEST_PAUSE_MS);
        let next_ms = now.timestamp_millis().saturating_add(pause_ms as i64);
        let give_up_after_ms = i64::try_from(self.give_up_after_ms).unwrap_or(i64::MAX);
        let last_ms = happened_at.timestamp_millis().saturating_add(give_up_after_ms);
        if next_ms > last_ms {
            return None;
        }
        DateTime::from_timestamp_millis(next_ms)
    }
}

impl WebhookDelivery {
    /// The body of the attempt that is sent now. `sentAt` stands inside, so that the signature covers it and a message
    /// that somebody recorded cannot be sent again later.
    pub fn message(&self, sent_at: DateTime<Utc>) -> Vec<u8> {
        let body = json!({
            "id": self.event_id.to_string(),
            "type": self.event.as_str(),
            "createdAt": time_text(self.happened_at),
            "sentAt": time_text(sent_at),
            "attempt": self.attempts + 1,
            "data": self.data,
        });
        body.to_string().into_bytes()
    }
}

/// `sha256=` and the HMAC-SHA256 (RFC 2104) of the body in lower-case hex; `None` never, as any length is a key.
pub fn signature(secret: &[u8], body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(body);
    Some(format!("sha256={}", Digest(mac.finalize().into_bytes().into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 86_400_000;

    #[test]
    fn pauses_double_up_to_an_hour_and_end_after_a_day() {
        let retries = Retries { first_retry_ms: 10_000, give_up_after_ms: DAY_MS };
        let happened_at = DateTime::from_timestamp_millis(1_800_000_000_000).unwrap();
        let (mut now, mut pauses) = (happened_at, Vec::new());
        while let Some(next) = retries.next_attempt(happened_at, pauses.len() as i64 + 1, now) {
            pauses.push((next - now).num_seconds());
            now = next;
        }
        assert_eq!(pauses[..10], [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
        assert_eq!(pauses.len(), 31, "32 attempts in all");
        assert!(pauses[9..].iter().all(|pause| *pause == 3600));
        assert!((now - happened_at).num_milliseconds() as u64 <= DAY_MS);
    }

    #[test]
    fn settings_at_their_ends_do_not_overflow() {
        let now = DateTime::from_timestamp_millis(1_800_000_000_000).unwrap();
        let endless = Retries { first_retry_ms: u64::MAX, give_up_after_ms: u64::MAX };
        assert_eq!((endless.next_attempt(now, i64::MAX, now).unwrap() - now).num_hours(), 1);
        assert!(endless.next_attempt(now, 0, now).is_some());
        let none = Retries { first_retry_ms: 1, give_up_after_ms: 0 };
        assert_eq!(none.next_attempt(now, 1, now), None);
    }

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // RFC 4231, test case 2.
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature(b"Jefe", b"what do ya want for nothing?").as_deref(), Some(expected));
    }
}
