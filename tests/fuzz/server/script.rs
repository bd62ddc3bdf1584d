//! The fuzzer's bytes as decisions, one after the other. Once they are used up, every decision is the usual one.

/// Bytes that decide.
pub struct Script {
    bytes: Vec<u8>,
    at: usize,
}

impl Script {
    pub fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), at: 0 }
    }

    pub fn is_over(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// 0 at the end.
    pub fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at = (self.at + 1).min(self.bytes.len());
        byte
    }

    /// 0, the usual, for seven bytes of eight; else which of so many oddities, from 1.
    pub fn oddity(&mut self, count: u8) -> u8 {
        let byte = self.byte();
        if byte < 0xe0 { 0 } else { 1 + (byte - 0xe0) % count }
    }

    /// One of these; the first is the usual one.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Small, at an edge, or any.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=0x7f => u64::from(small),
            0x80..=0xaf => self.one_of(&[
                0xff,
                0x100,
                0xfff,
                0x1000,
                0xffff,
                0x1_0000,
                i32::MAX as u64,
                1 << 31,
                u64::from(u32::MAX),
                1 << 32,
                i64::MAX as u64,
                1 << 63,
                u64::MAX - 7,
                u64::MAX,
            ]),
            _ => u64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    /// So many at most; how many are the fuzzer's choice.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let wanted = usize::from(u16::from_le_bytes([self.byte(), self.byte()])).min(most);
        let bytes = self.bytes[self.at..].iter().take(wanted).copied().collect::<Vec<u8>>();
        self.at += bytes.len();
        bytes
    }

    /// All that is left.
    pub fn rest(&mut self) -> Vec<u8> {
        let rest = self.bytes.split_off(self.at);
        self.at = self.bytes.len();
        rest
    }
}
