//! png, jpeg-encoder and jpeg-decoder: `{"side": n}` in; a picture of that size is drawn, written as PNG and as JPEG, and read
//! back from both; the sizes and a checksum come out.

use std::io::Cursor;

fn drawn(side: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let noise = (x.wrapping_mul(73_856_093) ^ y.wrapping_mul(19_349_663)).wrapping_mul(2_654_435_761) >> 28;
        [(x * 255 / side) as u8, (y * 255 / side) as u8, ((x ^ y) as u8 & 0xe0) | noise as u8]
    };
    (0..side).flat_map(|y| (0..side).flat_map(move |x| pixel(x, y))).collect()
}

fn png(picture: &[u8], side: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Balanced);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(picture).expect("pixels");
    writer.finish().expect("an end");
    file
}

fn from_png(file: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().expect("a header");
    let mut picture = vec![0; reader.output_buffer_size().expect("not so large")];
    reader.next_frame(&mut picture).expect("pixels");
    picture
}

fn jpeg(picture: &[u8], side: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 85);
    encoder.encode(picture, side, side, jpeg_encoder::ColorType::Rgb).expect("pixels");
    file
}

fn main() {
    let input: serde_json::Value = serde_json::from_reader(std::io::stdin()).expect("JSON");
    let side = u16::try_from(input["side"].as_u64().expect("side")).expect("not so large");
    let picture = drawn(side.into());
    let as_png = png(&picture, side.into());
    let again = from_png(&as_png);
    let as_jpeg = jpeg(&again, side);
    let decoded = jpeg_decoder::Decoder::new(Cursor::new(&as_jpeg)).decode().expect("a picture");
    let sum: u64 = decoded.iter().map(|byte| u64::from(*byte)).sum();
    println!("{}", serde_json::json!({ "same": again == picture, "png": as_png.len(), "jpeg": as_jpeg.len(), "sum": sum }));
}
