"""Clusters as a user manages them: joined, labelled, withdrawn from and detached, by edits of their files."""
