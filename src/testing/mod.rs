//! What tests, ours and an embedder's, share.
