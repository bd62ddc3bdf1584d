//! A number in its one shortest form: `3`, not `3.0`, and the fewest digits that read back as the same number.

use serde::{Serialize, Serializer};

pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let whole = self.0 as i64;
        let is_exact = (whole as f64).to_bits() == self.0.to_bits() && whole.unsigned_abs() < 1 << 53;
        if is_exact { serializer.serialize_i64(whole) } else { serializer.serialize_f64(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_have_no_decimals() {
        let table = [(0.0, "0"), (-0.0, "-0.0"), (-3.0, "-3"), (0.1, "0.1"), (1e300, "1e+300"), (1.5e-9, "1.5e-9")];
        for (number, text) in table {
            assert_eq!(serde_json::to_string(&Number(number)).unwrap(), text);
        }
    }

    proptest! {
        #[test]
        fn every_finite_number_reads_back_to_the_last_bit(number in prop::num::f64::ANY.prop_filter("finite", |n| n.is_finite())) {
            let text = serde_json::to_string(&Number(number)).unwrap();
            prop_assert_eq!(serde_json::from_str::<f64>(&text).unwrap().to_bits(), number.to_bits());
        }
    }
}
