//! Hashing passwords with argon2id, few at a time and off the async threads. Each takes 19 MiB and some 20 ms, which is
//! OWASP's first recommendation (m = 19 MiB, t = 2, p = 1) and the library's default.

use super::{ServiceError, ServiceResult, compute};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Bounds the memory that guesses can make us take.
const PARALLEL: usize = 2;
static TURNS: Semaphore = Semaphore::const_new(PARALLEL);

/// Verified where there is no user or no password, so that the time does not tell.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("the password of nobody").ok());

/// As a PHC string, with a salt of its own.
pub async fn hash(password: String) -> ServiceResult<String> {
    let turn = turn().await?;
    compute(move || {
        let _turn = turn;
        hash_now(&password)
    })
    .await?
}

/// Whether it is the password; takes the same time when there is no hash.
pub async fn is_right(password: String, hash: Option<String>) -> ServiceResult<bool> {
    let turn = turn().await?;
    compute(move || {
        // Held by the work itself: it goes on when nobody waits for it any more.
        let _turn = turn;
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return false };
        let parsed = PasswordHash::new(&hash);
        parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()) && known
    })
    .await
}

async fn turn() -> ServiceResult<tokio::sync::SemaphorePermit<'static>> {
    TURNS.acquire().await.map_err(|error| ServiceError::Broken(error.to_string()))
}

fn hash_now(password: &str) -> ServiceResult<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    Ok(hash.map_err(|error| ServiceError::Broken(format!("a password could not be hashed: {error}")))?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_which_is_argon2id_and_never_twice_the_same() {
        let first = hash("correct horse battery".to_owned()).await.unwrap();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, hash("correct horse battery".to_owned()).await.unwrap());
        assert!(is_right("correct horse battery".to_owned(), Some(first.clone())).await.unwrap());
        assert!(!is_right("correct horse".to_owned(), Some(first)).await.unwrap());
        assert!(!is_right("the password of nobody".to_owned(), None).await.unwrap());
        assert!(!is_right("x".to_owned(), Some("no hash".to_owned())).await.unwrap());
    }
}
