//! What comes in may be anything; what goes out is upright, and says nothing about people.

use super::*;

/// A text that must be nowhere in what is published.
const SECRET: &[u8] = b"40.4461N 79.9822W by a nurse";

/// Four fields of different colors: red, green over blue, white.
fn fields(width: u32, height: u32) -> Pixels {
    let color = |x: u32, y: u32| match (x * 2 < width, y * 2 < height) {
        (true, true) => [220, 30, 30],
        (false, true) => [30, 200, 30],
        (true, false) => [30, 30, 220],
        (false, false) => [240, 240, 240],
    };
    let data = (0..height).flat_map(|y| (0..width).flat_map(move |x| color(x, y)));
    Pixels::new(width, height, 3, data.collect()).unwrap()
}

/// A picture that is no easy one for any codec.
fn noise(width: u32, height: u32, channels: usize) -> Pixels {
    let mut random = Random(7);
    let count = width as usize * height as usize * channels;
    let data = (0..count).map(|at| (at / 40) as u8 ^ (random.next() as u8 & 31));
    Pixels::new(width, height, channels, data.collect()).unwrap()
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.0 >> 33
    }
}

/// An Exif block with an orientation, a place and a camera.
fn exif_block(orientation: u8) -> Vec<u8> {
    let mut tiff = exif::only(orientation);
    tiff.extend(SECRET);
    tiff
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker], &length[..], body].concat()
}

/// A JPEG file as a phone writes it: with Exif, XMP, IPTC, a comment, and a film behind its end.
fn photo(pixels: &Pixels, orientation: u8) -> Vec<u8> {
    let plain = jpeg::encode(pixels, None).unwrap();
    [
        &plain[..2],
        &segment(0xe1, &[b"Exif\0\0", &exif_block(orientation)[..]].concat()),
        &segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        &segment(0xed, SECRET),
        &segment(0xfe, SECRET),
        &plain[2..],
        SECRET,
    ]
    .concat()
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    // Nobody checks the sums of chunks that are left out.
    [&(body.len() as u32).to_be_bytes()[..], name, body, &[0; 4]].concat()
}

/// A square of that side which is all picture, and see-through where that is.
fn of_side(side: u32) -> Square {
    Square { side, percent: 100, ground: None }
}

/// The squares of a PNG, as pixels with opacity.
fn square_pixels(png: &[u8], wanted: &[Square]) -> Vec<Vec<[u8; 4]>> {
    let opaque = |pixel: &[u8]| [pixel[0], pixel[1], pixel[2], *pixel.get(3).unwrap_or(&255)];
    let read = |square: (&Variant, &Square)| {
        let (pixels, _) = png::decode(&square.0.bytes).unwrap();
        let side = square.1.side;
        assert_eq!((pixels.width, pixels.height, square.0.width), (side, side, side));
        pixels.data.chunks_exact(pixels.channels).map(opaque).collect()
    };
    squares(png, wanted).unwrap().iter().zip(wanted).map(read).collect()
}

fn drawing(pixels: &Pixels) -> Vec<u8> {
    let plain = png::encode(pixels, None).unwrap();
    let head = 8 + 25;
    let more = [chunk(b"tEXt", SECRET), chunk(b"eXIf", &exif_block(1)), chunk(b"tIME", b"2026abc")];
    [&plain[..head], &more.concat(), &plain[head..], SECRET].concat()
}

fn extended_webp(pixels: &Pixels) -> Vec<u8> {
    let plain = webp::encode(pixels, false, None).unwrap();
    let sides = [&(pixels.width - 1).to_le_bytes()[..3], &(pixels.height - 1).to_le_bytes()[..3]];
    let head = [&[0x0c, 0, 0, 0][..], &sides.concat()].concat();
    let riff = |name: &[u8], body: &[u8]| {
        let pad = vec![0; body.len() % 2];
        [name, &(body.len() as u32).to_le_bytes(), body, &pad].concat()
    };
    let body = [
        &b"WEBP"[..],
        &riff(b"VP8X", &head),
        &plain[12..],
        &riff(b"EXIF", &exif_block(1)),
        &riff(b"XMP ", SECRET),
    ]
    .concat();
    riff(b"RIFF", &body)
}

fn animation() -> Vec<u8> {
    let mut gif = b"GIF89a\x02\0\x03\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    gif.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
    gif.extend([&b"\x21\xfe"[..], &[SECRET.len() as u8], SECRET, &[0]].concat());
    for _ in 0..2 {
        gif.extend(b"\x2c\0\0\0\0\x02\0\x03\0\0\x02\x02\x44\x01\0");
    }
    gif.push(0x3b);
    gif
}

/// A small file of every kind that is cleaned.
fn all() -> Vec<(Format, Vec<u8>)> {
    vec![
        (Format::Jpeg, photo(&noise(33, 21, 3), 6)),
        (Format::Png, drawing(&noise(33, 21, 4))),
        (Format::WebP, extended_webp(&noise(33, 21, 3))),
        (Format::Gif, animation()),
        (
            Format::Svg,
            b"<svg xmlns='http://www.w3.org/2000/svg' width='3' height='4'><path/></svg>".to_vec(),
        ),
    ]
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_way_of_holding_a_camera_comes_out_upright() {
    let upright = fields(640, 400);
    for orientation in 1..=8 {
        let back = match orientation {
            6 => 8,
            8 => 6,
            other => other,
        };
        let file = photo(&upright.turned(back), orientation);
        let facts = look(&file, Format::Jpeg).unwrap();
        assert_eq!((facts.width, facts.height, facts.orientation), (640, 400, orientation));
        let made = variants(&file, Format::Jpeg).unwrap();
        assert!(made.len() >= 2, "{orientation}: {made:?}");
        for variant in &made {
            let (pixels, _) = match variant.format {
                Format::WebP => webp::decode(&variant.bytes).unwrap(),
                _ => jpeg::decode(&variant.bytes, &look(&variant.bytes, Format::Jpeg).unwrap())
                    .unwrap(),
            };
            assert_eq!((pixels.width, pixels.height), (variant.width, variant.height));
            let expected = fields(variant.width, variant.height);
            for (x, y) in [(4, 4), (1, 4), (4, 1), (1, 1)] {
                let at =
                    ((pixels.height * y / 5) * pixels.width + pixels.width * x / 5) as usize * 3;
                for channel in at..at + 3 {
                    let away = pixels.data[channel].abs_diff(expected.data[channel]);
                    assert!(away < 12, "{orientation}: {x} {y} is {away} away");
                }
            }
        }
        // What is published as it is says how it is turned, and nothing else.
        let cleaned = clean(&file, Format::Jpeg).unwrap();
        assert_eq!(look(&cleaned, Format::Jpeg).unwrap().orientation, orientation);
    }
}

#[test]
fn nothing_of_people_and_places_is_left_and_no_pixel_changes() {
    for (format, file) in all() {
        let cleaned = clean(&file, format).unwrap();
        if format != Format::Svg {
            assert!(has(&file, SECRET) && cleaned.len() < file.len(), "{format:?}");
        }
        assert!(!has(&cleaned, SECRET), "{format:?}");
        assert!(!has(&cleaned, b"40.44"), "{format:?}");
        assert_eq!(clean(&cleaned, format).unwrap(), cleaned, "{format:?}");
        for variant in variants(&file, format).unwrap() {
            assert!(!has(&variant.bytes, SECRET) && !has(&variant.bytes, b"Exif"), "{format:?}");
        }
        let (before, after) = (look(&file, format).unwrap(), look(&cleaned, format).unwrap());
        assert_eq!(Facts { has_metadata: after.has_metadata, ..before }, after);
        let pixels = |bytes: &[u8]| match format {
            Format::Jpeg => jpeg::decode(bytes, &before).unwrap().0.data,
            Format::Png => png::decode(bytes).unwrap().0.data,
            Format::WebP => webp::decode(bytes).unwrap().0.data,
            _ => Vec::new(),
        };
        assert_eq!(pixels(&file), pixels(&cleaned), "{format:?}");
    }
}

#[test]
fn a_file_that_is_cut_off_is_told_and_never_panics() {
    for (format, file) in all() {
        let whole = clean(&file, format).unwrap().into_owned();
        for end in 0..whole.len() {
            let cut = &whole[..end];
            assert!(look(cut, format).is_err(), "{format:?} to {end} of {}", whole.len());
            let _ = clean(cut, format);
            assert!(squares(cut, &[of_side(16)]).is_err(), "{format:?} to {end}");
        }
    }
}

#[test]
fn damaged_files_never_panic() {
    let mut random = Random(1);
    for round in 0..600 {
        let files = all();
        let (format, mut file) = files[round % files.len()].clone();
        for _ in 0..1 + random.next() % 6 {
            let at = random.next() as usize % file.len();
            match random.next() % 3 {
                0 => file[at] = random.next() as u8,
                1 => file[at] = [0, 1, 0x7f, 0x80, 0xff][random.next() as usize % 5],
                _ => file.truncate(at.max(1)),
            }
        }
        let _ = clean(&file, format);
        if look(&file, format).is_ok_and(|facts| facts.width < 2000 && facts.height < 2000) {
            let _ = variants(&file, format);
            let _ = squares(&file, &[of_side(16), of_side(33)]);
        }
    }
}

#[test]
fn a_bomb_is_told_by_its_head() {
    let mut head = 50_000u32.to_be_bytes().repeat(2);
    head.extend([8, 2, 0, 0, 0]);
    let signature = b"\x89PNG\r\n\x1a\n";
    let bomb =
        [&signature[..], &chunk(b"IHDR", &head), &chunk(b"IDAT", b"x"), &chunk(b"IEND", b"")]
            .concat();
    assert_eq!(look(&bomb, Format::Png), Err(Flaw::Huge(50_000, 50_000)));
    assert_eq!(variants(&bomb, Format::Png), Err(Flaw::Huge(50_000, 50_000)));
    assert_eq!(squares(&bomb, &[of_side(16)]), Err(Flaw::Huge(50_000, 50_000)));
}

#[test]
fn the_same_picture_gives_the_same_versions_and_none_is_heavier_than_a_larger_one() {
    let file = photo(&noise(1700, 900, 3), 1);
    let made = variants(&file, Format::Jpeg).unwrap();
    assert_eq!(made, variants(&file, Format::Jpeg).unwrap());
    let sides: Vec<_> = made.iter().map(|it| (it.format, it.width, it.height)).collect();
    let webp = |width, height| (Format::WebP, width, height);
    let expected = [webp(480, 254), webp(960, 508), webp(1440, 762), (Format::Jpeg, 1200, 635)];
    assert_eq!(sides, expected);
    assert!(made[0].bytes.len() < made[1].bytes.len() && made[1].bytes.len() < made[2].bytes.len());
    assert!(made.iter().all(|variant| variant.bytes.len() < file.len()));
    // So small that nothing is gained.
    let tiny = png::encode(&Pixels::new(1, 1, 3, vec![1, 2, 3]).unwrap(), None).unwrap();
    assert!(variants(&tiny, Format::Png).unwrap().iter().all(|it| it.bytes.len() < tiny.len()));
}

#[test]
fn widths_go_up_to_that_of_the_picture() {
    assert_eq!(steps(100), [100]);
    assert_eq!(steps(500), [500]);
    assert_eq!(steps(960), [480, 960]);
    assert_eq!(steps(1440), [480, 960, 1440]);
    assert_eq!(steps(1500), [480, 960, 1440]);
    assert_eq!(steps(4000), [480, 960, 1440]);
}

#[test]
fn light_is_averaged_and_not_numbers() {
    // Every second pixel is white: half the light is the byte 188, not 128.
    let data: Vec<u8> =
        (0..64 * 64).flat_map(|at| [if (at + at / 64) % 2 == 0 { 255 } else { 0 }; 3]).collect();
    let small = Linear::of(&Pixels::new(64, 64, 3, data).unwrap(), 8, 8, Kernel::Cubic).to_pixels();
    let middle = small.data[(4 * 8 + 4) * 3];
    assert!(middle.abs_diff(188) <= 1, "{middle}");
    // What is invisible has no color that could shine through.
    let data: Vec<u8> = (0..64 * 64)
        .flat_map(|at| if at % 64 < 32 { [255, 0, 0, 255] } else { [0, 255, 0, 0] })
        .collect();
    let small = Linear::of(&Pixels::new(64, 64, 4, data).unwrap(), 7, 7, Kernel::Cubic).to_pixels();
    let edge = &small.data[(3 * 7 + 3) * 4..][..4];
    assert!(edge[0] > 250 && edge[1] == 0 && edge[3] > 50 && edge[3] < 200, "{edge:?}");
    // A drawing has no other color beside an edge: neither one that lets through, nor one on it.
    let data: Vec<u8> = (0..64 * 64)
        .flat_map(|at| match at % 64 {
            0..33 => [80, 60, 40, 255],
            33..50 => [0, 0, 0, 0],
            _ => [250, 240, 230, 255],
        })
        .collect();
    let small = Linear::of(&Pixels::new(64, 64, 4, data).unwrap(), 9, 9, Kernel::Mean);
    for (at, pixel) in small.to_pixels().data.chunks_exact(4).enumerate() {
        let expected = if at % 9 < 5 { [80, 60, 40] } else { [250, 240, 230] };
        assert!(pixel == [0; 4] || pixel[..3] == expected, "{pixel:?}");
    }
    let on = small.centered(9, Some([80, 60, 40])).to_pixels();
    assert_eq!((on.channels, &on.data[..21]), (3, &[80, 60, 40].repeat(7)[..]));
    // Every byte comes back.
    let data: Vec<u8> = (0..=255).flat_map(|byte| [byte; 3]).collect();
    let same = Pixels::new(256, 1, 3, data).unwrap();
    assert_eq!(Linear::of(&same, 256, 1, Kernel::Cubic).to_pixels(), same);
}

/// What a pixel of a PNG says: its numbers as they stand in the file, and the color that they mean.
type Said = (Vec<u16>, [u8; 4]);

const PALETTE: [[u8; 3]; 4] = [[200, 10, 20], [30, 220, 40], [50, 60, 240], [255, 255, 255]];

/// A pixel of a test picture of that kind. With `clear`, every fourth is said by `tRNS` to be see-through.
fn said(at: usize, color: u8, depth: u8, clear: bool) -> Said {
    let most = (1u32 << depth) - 1;
    // Numbers that differ only below what 8 bits show are not the same.
    let number = |of: usize| ((of * 0x1357 + of / 4 * 3) as u32 & most) as u16;
    let byte = |number: u16| match depth {
        16 => (number >> 8) as u8,
        _ => (u32::from(number) * 255 / most) as u8,
    };
    let is_clear = |numbers: &[u16]| clear && *numbers == *named(color, depth);
    match color {
        3 => {
            let place = at % PALETTE.len().min(1 << depth);
            let [red, green, blue] = PALETTE[place];
            let opacity = if clear { [0, 128].get(place).copied().unwrap_or(255) } else { 255 };
            (vec![place as u16], [red, green, blue, opacity])
        }
        0 | 4 => {
            let mut numbers = vec![number(at)];
            let gray = byte(numbers[0]);
            let mut opacity = if is_clear(&numbers) { 0 } else { 255 };
            if color == 4 {
                numbers.push(number(at + 5));
                opacity = byte(numbers[1]);
            }
            (numbers, [gray, gray, gray, opacity])
        }
        _ => {
            let mut numbers = vec![number(at), number(at + 1), number(at + 2)];
            let mut opacity = if is_clear(&numbers) { 0 } else { 255 };
            let [red, green, blue] = [0, 1, 2].map(|channel| byte(numbers[channel]));
            if color == 6 {
                numbers.push(number(at + 5));
                opacity = byte(numbers[3]);
            }
            (numbers, [red, green, blue, opacity])
        }
    }
}

/// The color that `tRNS` names: that of the fifth pixel.
fn named(color: u8, depth: u8) -> Vec<u16> {
    said(5, color, depth, false).0
}

/// The passes of a picture that comes in steps (PNG, 8.2): first column and row, steps to the next.
const STEPS: [[usize; 4]; 7] = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
];

/// A PNG of that kind, written here by the letter of the standard.
fn png_of(side: usize, color: u8, depth: u8, clear: bool, in_steps: bool) -> Vec<u8> {
    let mut raw: Vec<u8> = Vec::new();
    let steps = if in_steps { &STEPS[..] } else { &[[0, 0, 1, 1]] };
    for [left, top, right, down] in steps {
        for y in (*top..side).step_by(*down) {
            let columns = (*left..side).step_by(*right);
            let numbers = columns.flat_map(|x| said(y * side + x, color, depth, clear).0);
            let bits =
                numbers.flat_map(|number| (0..depth).rev().map(move |bit| number >> bit & 1));
            let bits: Vec<u16> = bits.collect();
            if bits.is_empty() {
                continue;
            }
            raw.push(0);
            raw.extend(bits.chunks(8).map(|bits| {
                bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | (*bit as u8) << (7 - at))
            }));
        }
    }
    let length = (side as u32).to_be_bytes();
    let head = [&length[..], &length, &[depth, color, 0, 0, u8::from(in_steps)]].concat();
    let summed = |name: &[u8; 4], body: &[u8]| {
        let named = [name, body].concat();
        let length = (body.len() as u32).to_be_bytes();
        [&length[..], &named, &png::sum(&named).to_be_bytes()].concat()
    };
    let mut file = [&b"\x89PNG\r\n\x1a\n"[..], &summed(b"IHDR", &head)].concat();
    if color == 3 {
        file.extend(summed(b"PLTE", &PALETTE[..PALETTE.len().min(1 << depth)].concat()));
    }
    match color {
        3 if clear => file.extend(summed(b"tRNS", &[0, 128])),
        0 | 2 if clear => {
            let named = named(color, depth).into_iter().flat_map(u16::to_be_bytes);
            file.extend(summed(b"tRNS", &named.collect::<Vec<u8>>()));
        }
        _ => {}
    }
    file.extend(summed(b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&raw, 6)));
    file.extend(summed(b"IEND", b""));
    file
}

#[test]
fn every_kind_of_png_is_read() {
    let kinds = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4)];
    let kinds = kinds.into_iter().chain([(3, 8), (4, 8), (4, 16), (6, 8), (6, 16)]);
    let mut is_clear_somewhere = 0;
    for (color, depth) in kinds {
        for (clear, in_steps) in [(false, false), (false, true), (true, false), (true, true)] {
            for side in [1, 3, 21] {
                let kind = format!("{color} {depth} {clear} {in_steps} {side}");
                let png = png_of(side, color, depth, clear, in_steps);
                let (pixels, _) =
                    png::decode(&png).unwrap_or_else(|flaw| panic!("{kind}: {flaw:?}"));
                let expected = (0..side * side).map(|at| said(at, color, depth, clear).1);
                let expected =
                    Pixels::new(side as u32, side as u32, 4, expected.flatten().collect());
                assert_eq!(pixels, expected.unwrap().simplified(), "{kind}");
                is_clear_somewhere += usize::from(clear && pixels.channels == 4 && color < 4);
                let square = Square { side: 16, percent: 80, ground: Some([1, 2, 3]) };
                assert_eq!(square_pixels(&png, &[square])[0][0], [1, 2, 3, 255], "{kind}");
            }
        }
    }
    assert!(is_clear_somewhere > 30, "{is_clear_somewhere}");
}

#[test]
fn a_square_has_the_picture_in_its_middle() {
    // Twice as wide as high; the left half is see-through.
    let data: Vec<u8> = (0..80 * 40)
        .flat_map(|at| if at % 80 < 40 { [9, 9, 9, 0] } else { [10, 79, 138, 255] })
        .collect();
    let png = png::encode(&Pixels::new(80, 40, 4, data).unwrap(), None).unwrap();
    let ground = Square { side: 40, percent: 50, ground: Some([250, 200, 0]) };
    let all = square_pixels(&png, &[of_side(20), ground, of_side(80), of_side(120)]);
    for (pixels, side) in all.iter().zip([20, 40, 80, 120]) {
        let at = |x: usize, y: usize| pixels[side * y / 100 * side + side * x / 100];
        let (empty, edge) = match side {
            40 => ([250, 200, 0, 255], 55),
            _ => ([0; 4], 60),
        };
        assert_eq!(at(edge, 45), [10, 79, 138, 255], "{side}");
        for (x, y) in [(0, 0), (30, 50), (60, 20), (60, 80), (98, 98)] {
            assert_eq!(at(x, y), empty, "{side}: {x} {y}");
        }
    }
    assert!(all[1].iter().all(|pixel| pixel[3] == 255));
    // The order in which they are wanted, and what else is, make no difference.
    let wanted = [of_side(20), of_side(90), ground];
    let alone = |square: &Square| squares(&png, &[*square]).unwrap().remove(0);
    let together = squares(&png, &wanted).unwrap();
    assert!(together[1] == alone(&wanted[1]));
    for (square, together) in wanted.iter().zip(together) {
        let [alone, together] =
            [alone(square), together].map(|it| png::decode(&it.bytes).unwrap().0.data);
        assert!(alone.iter().zip(&together).all(|(a, b)| a.abs_diff(*b) < 3), "{square:?}");
    }
}

#[test]
fn a_square_that_is_the_picture_stays_as_it_is_without_what_it_says_of_people() {
    let pixels = noise(40, 40, 4);
    let plain = png::encode(&pixels, None).unwrap();
    let file = drawing(&pixels);
    let made = squares(&file, &[of_side(40), of_side(24)]).unwrap();
    assert_eq!(*made[0].bytes, *plain);
    assert!(made.iter().all(|square| !has(&square.bytes, SECRET)));
    // One that has to be turned is turned.
    let head = 8 + 25;
    let turned = fields(40, 40).turned(8);
    let plain = png::encode(&turned, None).unwrap();
    let file = [&plain[..head], &chunk(b"eXIf", &exif_block(6)), &plain[head..]].concat();
    let made = squares(&file, &[of_side(40)]).unwrap();
    assert_eq!(png::decode(&made[0].bytes).unwrap().0, fields(40, 40));
    // A picture of another kind is told.
    assert_eq!(squares(&photo(&fields(9, 9), 1), &[of_side(9)]), Err(Flaw::Is(Format::Jpeg)));
}

#[test]
fn a_color_profile_stays_unless_it_says_the_usual() {
    let mut icc = vec![0u8; 200];
    icc[16..20].copy_from_slice(b"RGB ");
    icc[36..40].copy_from_slice(b"acsp");
    icc[150..160].copy_from_slice(b"Display P3");
    let file = jpeg::encode(&noise(700, 500, 3), Some(&icc)).unwrap();
    assert!(has(&clean(&file, Format::Jpeg).unwrap(), b"Display P3"));
    for variant in variants(&file, Format::Jpeg).unwrap() {
        assert!(has(&variant.bytes, b"Display P3"), "{:?}", variant.format);
        assert_eq!(look(&variant.bytes, variant.format).unwrap().width, variant.width);
        if variant.format == Format::WebP {
            let (pixels, found) = webp::decode(&variant.bytes).unwrap();
            assert_eq!((pixels.width, found), (variant.width, Some(icc.clone())));
        }
    }
    icc[150..154].copy_from_slice(b"sRGB");
    assert!(!is_worth_keeping(&icc));
}

#[test]
fn a_drawing_says_how_large_it_is() {
    let sides = |inner: &str| {
        let facts = look(format!("<svg {inner}></svg>").as_bytes(), Format::Svg).unwrap();
        (facts.width, facts.height)
    };
    assert_eq!(sides("width='64' height=\"32px\""), (64, 32));
    assert_eq!(sides("viewBox='0 0 640 516'"), (640, 516));
    assert_eq!(sides("viewBox='0,0,640,516' width='320'"), (320, 258));
    assert_eq!(sides("width='100%' height='100%' viewBox='0 0 9 8'"), (9, 8));
    assert_eq!(sides("width='1in' height='72pt'"), (96, 96));
    assert_eq!(sides("width='100%'"), (0, 0));
}

#[test]
fn a_drawing_must_not_run_or_load_anything() {
    let look = |inner: &str| {
        let text =
            format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>{inner}</svg>");
        super::look(text.as_bytes(), Format::Svg).map(|_| ())
    };
    for good in [
        "<!-- <script> in a note --><path d='M0 0'/>",
        "<a href='https://example.org/'><text>Go &lt;script></text></a>",
        "<use href='#part'/><rect fill='url(#shade)'/>",
        "<image href='data:image/png;base64,AAAA'/>",
        "<style>rect { fill: url(#a) }</style>",
        "<metadata><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/></metadata>",
        "<text title='a > b'>1</text>",
    ] {
        assert_eq!(look(good), Ok(()), "{good}");
    }
    for bad in [
        "<script>alert(1)</script>",
        "<SCRIPT/>",
        "<svg:script/>",
        "<rect onclick='x()'/>",
        "<rect ONLOAD = 'x()'/>",
        "<foreignObject><p/></foreignObject>",
        "<a href='javascript:x()'/>",
        "<a xlink:href=' java&#115;cript:x()'/>",
        "<image href='https://example.org/x.png'/>",
        "<image href='//example.org/x.png'/>",
        "<image href='other.svg'/>",
        "<image href='data:image/svg+xml,x'/>",
        "<use xlink:href='other.svg#a'/>",
        "<rect style='fill: url(https://example.org/x)'/>",
        "<rect fill='url( &quot;//example.org/x )'/>",
        "<style>@import 'x.css';</style>",
        "<style><![CDATA[ @import 'x.css'; ]]></style>",
        "<set attributeName='href' to='javascript:x()'/>",
        "<iframe src='x'/>",
    ] {
        assert!(matches!(look(bad), Err(Flaw::Unsafe(_))), "{bad}: {:?}", look(bad));
    }
    let with = |head: &str| super::look(format!("{head}<svg></svg>").as_bytes(), Format::Svg);
    assert!(with("<?xml version='1.0'?><!DOCTYPE svg PUBLIC '-//W3C' 'x'>").is_ok());
    assert!(with("<?xml-stylesheet href='x'?>").is_err());
    assert!(with("<!DOCTYPE svg [<!ENTITY a 'b'>]>").is_err());
}

#[test]
fn names_and_bytes_tell_what_a_file_is() {
    let png = drawing(&noise(3, 3, 3));
    assert_eq!(look(&png, Format::Jpeg), Err(Flaw::Is(Format::Png)));
    assert_eq!(look(b"", Format::Jpeg), Err(Flaw::Empty));
    assert_eq!(look(b"hello", Format::Jpeg), Err(Flaw::Broken));
    assert_eq!(look(b"\0\0\0\x18ftypheic\0\0\0\0", Format::Jpeg), Err(Flaw::Is(Format::Heic)));
    assert_eq!(
        look(b"\0\0\0\x18ftypheic\0\0\0\0", Format::Heic),
        Err(Flaw::NotForWeb(Format::Heic))
    );
    assert_eq!(Format::of_name("a/B.JPG"), Some(Format::Jpeg));
    assert_eq!(Format::of_name("a.jpg/b"), None);
}
