//! Records that were cut or changed: what is whole is kept, and what is not is told with its place.

use super::*;

fn written(place: &Place) -> (PathBuf, Vec<u8>, Vec<usize>) {
    let path = place.record(&header(), &events());
    let bytes = std::fs::read(&path).unwrap();
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    (path, bytes, ends)
}

#[test]
fn cut_at_any_byte_a_record_gives_all_its_whole_lines_and_says_where_it_was_cut() {
    let place = Place::new();
    let (path, bytes, ends) = written(&place);
    let events = events();
    for cut in 0..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        // A line that lacks its line feed alone is all there.
        let readable = whole + usize::from(ends.contains(&(cut + 1)));
        if readable == 0 {
            assert!(RecordReader::open(&path).is_err(), "cut at {cut}");
            continue;
        }
        let (read, integrity) = read_all(&path).unwrap();
        assert_eq!(read, events[..readable.saturating_sub(2).min(events.len())], "cut at {cut}");
        assert_eq!(integrity.bytes, cut as u64);
        assert_eq!(integrity.end.is_some(), readable == events.len() + 3, "cut at {cut}");
        let begin = if whole == 0 { 0 } else { ends[whole - 1] };
        let expected = Damage { line: whole as u64 + 1, byte: begin as u64, length: (cut - begin) as u64, kind: DamageKind::Cut };
        let is_cut = begin < cut && readable == whole;
        assert_eq!(integrity.damage, if is_cut { vec![expected] } else { Vec::new() }, "cut at {cut}");
        if is_cut {
            let told = integrity.damage[0].to_string();
            assert_eq!(
                told,
                format!("line {} at byte {begin} is cut off after {} bytes; all before it was read", whole + 1, cut - begin)
            );
        }
    }
}

#[test]
fn whatever_byte_is_changed_the_answer_is_clear() {
    let place = Place::new();
    let (path, bytes, _) = written(&place);
    let original = read_all(&path).unwrap();
    let whole = events();
    for at in 0..bytes.len() {
        let change = [0x01, 0x20, 0x80, bytes[at] ^ b'\n'][at % 4];
        let mut changed = bytes.clone();
        changed[at] ^= change;
        if changed == bytes {
            continue;
        }
        std::fs::write(&path, &changed).unwrap();
        let _ = place.list();
        // The header is looked at first; a change that leaves it readable is found by the digest.
        let Ok((read, integrity)) = read_all(&path) else { continue };
        // In the last line, the name of what is null can change and nothing is lost.
        let is_same = (&read, &integrity.end) == (&original.0, &original.1.end);
        assert!(is_same || !integrity.is_whole(), "byte {at} ^ {change:#x} went unseen");
        let lost = whole.iter().filter(|event| !read.contains(event)).count();
        assert!(lost <= 2, "byte {at} ^ {change:#x} cost {lost} events");
        let mut index = RecordIndex::open(&path).unwrap();
        for entry in 0..index.len() {
            let _ = index.entry(entry);
        }
    }
}

#[test]
fn a_damaged_line_is_left_out_and_the_rest_is_read() {
    let place = Place::new();
    let (path, bytes, _) = written(&place);
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let with = |changes: &[(usize, &str)]| {
        let mut lines = lines.clone();
        changes.iter().for_each(|(at, line)| lines[*at] = line);
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        read_all(&path).unwrap()
    };
    let (read, integrity) = with(&[(4, "{\"event\":\"run\",\"run\":3,")]);
    assert_eq!(read.len(), events().len() - 1);
    let damage = &integrity.damage[0];
    assert_eq!((damage.line, damage.length, integrity.damage_count), (5, 24, 1));
    assert!(damage.to_string().contains("line 5 at byte "), "{damage}");
    assert!(damage.to_string().contains("(24 bytes) is damaged and left out: EOF"), "{damage}");

    let (_, integrity) = with(&[(4, lines[1]), (5, lines[0]), (6, "{\"event\":\"skills\",\"skills\":[]}")]);
    let places: Vec<_> = integrity.damage.iter().map(|damage| (damage.line, damage.kind == DamageKind::OutOfPlace)).collect();
    assert_eq!(places, [(5, true), (6, true), (7, true)]);

    let (read, integrity) = with(&[(1, "{}")]);
    assert_eq!(read, events(), "without its settings");
    assert_eq!(integrity.damage[0].line, 2);
    let (read, _) = with(&[(1, lines[2])]);
    assert_eq!(read.len(), events().len() + 1, "with an event in the place of its settings");
}

#[test]
fn lines_behind_the_end_and_a_changed_digit_are_told() {
    let place = Place::new();
    let (path, bytes, _) = written(&place);
    let mut longer = bytes.clone();
    longer.extend_from_slice(bytes.split_inclusive(|byte| *byte == b'\n').nth(3).unwrap());
    std::fs::write(&path, longer).unwrap();
    let (read, integrity) = read_all(&path).unwrap();
    assert_eq!((read, integrity.damage[0].kind.clone()), (events(), DamageKind::OutOfPlace));
    let text = String::from_utf8(bytes).unwrap();
    std::fs::write(&path, text.replacen("\"result\":-404", "\"result\":-403", 1)).unwrap();
    let (read, integrity) = read_all(&path).unwrap();
    assert_eq!((read.len(), integrity.damage[0].kind.clone()), (events().len(), DamageKind::Digest));
    assert!(integrity.damage[0].to_string().contains("is not what was written"));
}

#[test]
fn damage_without_end_is_counted_and_not_kept() {
    let place = Place::new();
    let (path, mut bytes, _) = written(&place);
    bytes.extend_from_slice("x\n".repeat(10_000).as_bytes());
    std::fs::write(&path, bytes).unwrap();
    let integrity = read_all(&path).unwrap().1;
    assert_eq!((integrity.damage.len(), integrity.damage_count), (100, 10_000));
}
