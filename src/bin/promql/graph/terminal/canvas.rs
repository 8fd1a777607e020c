//! A grid of braille characters: each cell holds two by four dots and one colour.

/// Dots in a cell.
pub(super) const DOTS: (usize, usize) = (2, 4);

/// The bit of each dot of a braille character, by row and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// The character without a dot.
const BLANK: u32 = 0x2800;

/// Cells to draw into; dots count from the top left.
pub(super) struct Canvas {
    columns: usize,
    rows: usize,
    /// Dots and the number of the line that was drawn last, a cell.
    cells: Vec<(u8, usize)>,
}

impl Canvas {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self { columns, rows, cells: vec![(0, 0); columns * rows] }
    }

    /// Dots across.
    pub(super) fn width(&self) -> usize {
        self.columns * DOTS.0
    }

    /// Dots down.
    pub(super) fn height(&self) -> usize {
        self.rows * DOTS.1
    }

    /// Sets one dot; outside there is nothing to set.
    pub(super) fn dot(&mut self, x: usize, y: usize, line: usize) {
        let (column, row) = (x / DOTS.0, y / DOTS.1);
        if column < self.columns
            && let Some(cell) = self.cells.get_mut(row * self.columns + column)
        {
            *cell = (cell.0 | BITS[y % DOTS.1][x % DOTS.0], line);
        }
    }

    /// Sets the dots from one to another, both included.
    pub(super) fn line(&mut self, from: (usize, usize), to: (usize, usize), line: usize) {
        let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1));
        let between = |from: usize, to: usize, at: usize| {
            let (from, to) = (from as f64, to as f64);
            if steps == 0 { from } else { from + (to - from) * at as f64 / steps as f64 }.round() as usize
        };
        for at in 0..=steps {
            self.dot(between(from.0, to.0, at), between(from.1, to.1, at), line);
        }
    }

    /// The cells of a row as pieces of text that were drawn by one line each; `None` where nothing was drawn.
    pub(super) fn row(&self, row: usize) -> Vec<(Option<usize>, String)> {
        let mut pieces: Vec<(Option<usize>, String)> = Vec::new();
        for (dots, line) in self.cells.iter().skip(row * self.columns).take(self.columns) {
            let (line, character) = match dots {
                0 => (None, ' '),
                dots => (Some(*line), char::from_u32(BLANK + u32::from(*dots)).unwrap_or(' ')),
            };
            match pieces.last_mut() {
                Some((last, text)) if *last == line => text.push(character),
                _ => pieces.push((line, character.to_string())),
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_from_corner_to_corner() {
        let mut canvas = Canvas::new(2, 1);
        canvas.line((0, 0), (3, 3), 7);
        canvas.dot(100, 100, 1);
        assert_eq!(canvas.row(0), [(Some(7), "⠑⢄".to_owned())]);
    }
}
