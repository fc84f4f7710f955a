package main

import (
	"fmt"
	_ "k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	_ "k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/clientcmd"
	_ "k8s.io/client-go/tools/leaderelection"
)

func main() { c, _ := clientcmd.BuildConfigFromFlags("", "x"); k, _ := kubernetes.NewForConfig(c); fmt.Println(k) }
