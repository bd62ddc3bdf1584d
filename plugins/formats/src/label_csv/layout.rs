//! The column layouts of `label.csv`.

/// What the rows of a document hold beside rows of a path alone, which fit every layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Path,
    Class,
    ClassValue,
    Box,
    Mask,
}

impl Layout {
    const ALL: [Self; 5] = [Self::Path, Self::Class, Self::ClassValue, Self::Box, Self::Mask];

    /// The layout with so many columns; `None` for a number that no layout has.
    pub fn of_columns(columns: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.names().len() == columns)
    }

    /// Names of the columns, as findings write them.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Path => &["path"],
            Self::Class => &["path", "class"],
            Self::ClassValue => &["path", "class", "value"],
            Self::Box => &["path", "class", "xLeft", "yTop", "width", "height"],
            Self::Mask => &["path", "class", "imageWidth", "imageHeight", "mask"],
        }
    }

    pub fn columns(self) -> usize {
        self.names().len()
    }

    /// Which columns are numbers.
    pub(super) fn numeric(self) -> std::ops::Range<usize> {
        match self {
            Self::Path | Self::Class => 0..0,
            Self::ClassValue => 2..3,
            Self::Box => 2..6,
            Self::Mask => 2..4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_columns_names_at_most_one_layout() {
        let found: Vec<_> = (0..8).map(|columns| Layout::of_columns(columns).map(Layout::columns)).collect();
        assert_eq!(found, [None, Some(1), Some(2), Some(3), None, Some(5), Some(6), None]);
    }
}
