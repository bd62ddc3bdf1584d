//! Small DICOM files, explicit VR little endian, written element by element (PS3.5 section 7, PS3.10 section 7).

/// A grey picture of 16 bits in the making.
#[derive(Clone)]
pub struct Dicom {
    pub rows: u16,
    pub columns: u16,
    /// Stored values of all frames, one after another.
    pub values: Vec<u16>,
    pub frames: u32,
    pub bits_stored: u16,
    pub is_inverted: bool,
    /// Centre and width.
    pub window: Option<(f64, f64)>,
    pub slope: f64,
    pub intercept: f64,
    pub study: String,
    pub instance: String,
    pub patient: Option<String>,
}

impl Dicom {
    /// One frame of 8 × 6; every seed makes other values and another instance.
    pub fn new(seed: u32) -> Self {
        Self {
            rows: 6,
            columns: 8,
            values: (0..48).map(|at| (at * 37 + seed * 101) as u16 % 4096).collect(),
            frames: 1,
            bits_stored: 12,
            is_inverted: false,
            window: None,
            slope: 1.0,
            intercept: 0.0,
            study: format!("1.2.826.0.1.3680043.10.1.{}", seed / 2),
            instance: format!("1.2.826.0.1.3680043.10.2.{seed}"),
            patient: Some(format!("P-{seed}")),
        }
    }

    pub fn with_frames(mut self, frames: u32) -> Self {
        let one = u32::from(self.rows) * u32::from(self.columns);
        self.values = (0..one * frames).map(|at| (at * 29) as u16 % 4096).collect();
        Self { frames, ..self }
    }

    /// The file's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut set = Vec::new();
        text(&mut set, (0x0008, 0x0016), b"UI", "1.2.840.10008.5.1.4.1.1.7");
        text(&mut set, (0x0008, 0x0018), b"UI", &self.instance);
        text(&mut set, (0x0008, 0x0060), b"CS", "OT");
        if let Some(patient) = &self.patient {
            text(&mut set, (0x0010, 0x0020), b"LO", patient);
        }
        text(&mut set, (0x0020, 0x000d), b"UI", &self.study);
        number(&mut set, (0x0028, 0x0002), 1);
        text(&mut set, (0x0028, 0x0004), b"CS", if self.is_inverted { "MONOCHROME1" } else { "MONOCHROME2" });
        if self.frames > 1 {
            text(&mut set, (0x0028, 0x0008), b"IS", &self.frames.to_string());
        }
        number(&mut set, (0x0028, 0x0010), self.rows);
        number(&mut set, (0x0028, 0x0011), self.columns);
        number(&mut set, (0x0028, 0x0100), 16);
        number(&mut set, (0x0028, 0x0101), self.bits_stored);
        number(&mut set, (0x0028, 0x0102), self.bits_stored - 1);
        number(&mut set, (0x0028, 0x0103), 0);
        if let Some((centre, width)) = self.window {
            text(&mut set, (0x0028, 0x1050), b"DS", &centre.to_string());
            text(&mut set, (0x0028, 0x1051), b"DS", &width.to_string());
        }
        text(&mut set, (0x0028, 0x1052), b"DS", &self.intercept.to_string());
        text(&mut set, (0x0028, 0x1053), b"DS", &self.slope.to_string());
        long(&mut set, (0x7fe0, 0x0010), b"OW", &self.pixels());
        let mut file = vec![0; 128];
        file.extend(b"DICM");
        file.extend(self.meta());
        file.extend(set);
        file
    }

    /// Values of fewer frames than there are stand for all of them again and again.
    fn pixels(&self) -> Vec<u8> {
        let samples = usize::from(self.rows) * usize::from(self.columns) * self.frames as usize;
        let bytes: Vec<u8> = self.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        bytes.repeat(samples / self.values.len())
    }

    fn meta(&self) -> Vec<u8> {
        let mut group = Vec::new();
        long(&mut group, (0x0002, 0x0001), b"OB", &[0, 1]);
        text(&mut group, (0x0002, 0x0002), b"UI", "1.2.840.10008.5.1.4.1.1.7");
        text(&mut group, (0x0002, 0x0003), b"UI", &self.instance);
        text(&mut group, (0x0002, 0x0010), b"UI", "1.2.840.10008.1.2.1");
        text(&mut group, (0x0002, 0x0012), b"UI", "1.2.826.0.1.3680043.10.3");
        let mut meta = Vec::new();
        short(&mut meta, (0x0002, 0x0000), b"UL", &(group.len() as u32).to_le_bytes());
        meta.extend(group);
        meta
    }
}

fn tag(to: &mut Vec<u8>, (group, element): (u16, u16), vr: &[u8; 2]) {
    to.extend(group.to_le_bytes());
    to.extend(element.to_le_bytes());
    to.extend(vr);
}

pub fn short(to: &mut Vec<u8>, at: (u16, u16), vr: &[u8; 2], value: &[u8]) {
    tag(to, at, vr);
    to.extend((value.len() as u16).to_le_bytes());
    to.extend(value);
}

pub fn long(to: &mut Vec<u8>, at: (u16, u16), vr: &[u8; 2], value: &[u8]) {
    tag(to, at, vr);
    to.extend([0, 0]);
    to.extend((value.len() as u32).to_le_bytes());
    to.extend(value);
}

fn number(to: &mut Vec<u8>, at: (u16, u16), value: u16) {
    short(to, at, b"US", &value.to_le_bytes());
}

fn text(to: &mut Vec<u8>, at: (u16, u16), vr: &[u8; 2], value: &str) {
    let mut bytes = value.as_bytes().to_vec();
    if bytes.len() % 2 == 1 {
        bytes.push(if vr == b"UI" { 0 } else { b' ' });
    }
    short(to, at, vr, &bytes);
}
