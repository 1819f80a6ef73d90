package main

const rawSocket = 359
