//! Owns how a picture is turned: the one tag of Exif that matters to what is shown. Must not know where it lies in
//! a file.

/// The tag that says it (Exif 2.32, 4.6.4).
const ORIENTATION: u16 = 0x0112;

/// How the picture has to be turned, 1 to 8, from an Exif block in the form of a TIFF file; 1 if it does not say.
pub(super) fn orientation(tiff: &[u8]) -> u8 {
    find(tiff).filter(|turned| (1..=8).contains(turned)).unwrap_or(1)
}

fn find(tiff: &[u8]) -> Option<u8> {
    let is_little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| {
        let two: [u8; 2] = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let long = |at: usize| {
        let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    };
    let first = usize::try_from(long(4)?).ok()?;
    let count = usize::from(short(first)?);
    let entry = |n: usize| first.checked_add(2 + n * 12);
    let at = (0..count).map_while(entry).find(|at| short(*at) == Some(ORIENTATION))?;
    u8::try_from(short(at + 8)?).ok()
}

/// An Exif block that says how the picture is turned and nothing else.
pub(super) fn only(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0; 4]);
    tiff
}
