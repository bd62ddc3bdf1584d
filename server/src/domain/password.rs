//! What a password must be. Hashing is in `services::passwords`.

use super::user_error::{UserError, UserErrorCode};

/// Fewest characters (NIST SP 800-63B asks for 8 beside other factors, 15 alone; 12 is between, with slowed guesses).
pub const MIN_CHARS: usize = 12;
/// Most bytes: hashing must not be made to work on megabytes.
pub const MAX_BYTES: usize = 1024;

/// # Errors
/// `INVALID` when it is too short or too long.
pub fn require_password(password: &str, path: &[&str]) -> Result<(), UserError> {
    let count = password.chars().count();
    if count < MIN_CHARS {
        let message = format!("The password has {count} characters; at least {MIN_CHARS} are needed.");
        return Err(UserError::new(UserErrorCode::Invalid, path, message));
    }
    if password.len() > MAX_BYTES {
        let message = format!("The password has {} bytes; at most {MAX_BYTES} are allowed.", password.len());
        return Err(UserError::new(UserErrorCode::Invalid, path, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_twelve_characters_or_more_and_an_end() {
        let table = [
            ("", false),
            ("elevenchars", false),
            ("twelve chars", true),
            ("äöüäöüäöüäöü", true),
            (&"x".repeat(1025), false),
        ];
        for (password, is_taken) in table {
            assert_eq!(require_password(password, &["password"]).is_ok(), is_taken, "{password:?}");
        }
    }
}
