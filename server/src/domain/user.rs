//! A person who may sign requests, and how much he may keep.

use super::ids::UserId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub is_admin: bool,
    /// Nothing that he signs is taken.
    pub is_disabled: bool,
    pub has_password: bool,
    pub quota: Quota,
}

/// The most that the datasets and uploads of one user may take; without a limit where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    pub bytes: Option<u64>,
    pub images: Option<u64>,
}

/// What a user's datasets and unread uploads take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaUse {
    pub bytes: u64,
    pub images: u64,
}

impl Quota {
    /// This one where it says something, the other where it does not.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { bytes: self.bytes.or(other.bytes), images: self.images.or(other.images) }
    }

    /// # Errors
    /// What would be passed, in one sentence with its figures.
    pub fn require_room(self, used: QuotaUse, more: QuotaUse) -> Result<(), String> {
        for (limit, used, more, unit) in
            [(self.bytes, used.bytes, more.bytes, "bytes"), (self.images, used.images, more.images, "images")]
        {
            if let Some(limit) = limit
                && used.saturating_add(more) > limit
            {
                return Err(format!(
                    "{more} {unit} more would pass your quota: {used} of {limit} {unit} are used. Delete datasets or \
                     uploads, or ask an administrator for more."
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_full_to_the_last_byte_and_image_and_no_further() {
        let quota = Quota { bytes: Some(100), images: Some(3) };
        let taken = |bytes, images| QuotaUse { bytes, images };
        let table = [
            (taken(0, 0), taken(100, 3), true),
            (taken(99, 0), taken(1, 0), true),
            (taken(99, 0), taken(2, 0), false),
            (taken(0, 3), taken(0, 0), true),
            (taken(0, 3), taken(0, 1), false),
            (taken(u64::MAX, 0), taken(u64::MAX, 0), false),
        ];
        for (used, more, fits) in table {
            assert_eq!(quota.require_room(used, more).is_ok(), fits, "{used:?} {more:?}");
        }
        assert!(Quota::default().require_room(taken(u64::MAX, 5), taken(1, 1)).is_ok());
        assert_eq!(Quota { bytes: Some(1), images: None }.or(quota), Quota { bytes: Some(1), images: Some(3) });
    }
}
