// The Go client against the server: informer WHAT. Prints what it saw; a story knows what that must be.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const limit = 20 * time.Second

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

// traffic notes how the client asked.
type traffic struct {
	sync.Mutex
	next                      http.RoundTripper
	lists, watches, protobufs int
}

func (t *traffic) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	t.Lock()
	switch {
	case query.Get("sendInitialEvents") == "true":
		t.watches++
	case request.Method == http.MethodGet && !query.Has("watch"):
		t.lists++
	case strings.Contains(request.Header.Get("Content-Type"), "protobuf"):
		t.protobufs++
	}
	t.Unlock()
	return t.next.RoundTrip(request)
}

// log collects events and lets the main line wait for them.
type log struct {
	events chan string
}

func (l log) handler() cache.ResourceEventHandlerFuncs {
	name := func(what string, object any) {
		meta := object.(metav1.Object)
		if !strings.HasPrefix(meta.GetName(), "kube-") {
			l.events <- what + "/" + meta.GetName()
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { name("add", object) },
		UpdateFunc: func(_, object any) { name("update", object) },
		DeleteFunc: func(object any) { name("delete", object) },
	}
}

func (l log) take(count int) string {
	var seen []string
	for range count {
		select {
		case event := <-l.events:
			seen = append(seen, event)
		case <-time.After(limit):
			return strings.Join(seen, " ") + " and no more"
		}
	}
	return strings.Join(seen, " ")
}

func configMap(name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string]string{"k": "v"}}
}

// inform: a shared informer fills its cache by WatchList and hears each change; writes are protobuf.
func inform(ctx context.Context, config *rest.Config) {
	seen := &traffic{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { seen.next = next; return seen })
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = config.ContentType // Nothing else: objects come as protobuf too.
	client, err := kubernetes.NewForConfig(config)
	check(err)
	maps := client.CoreV1().ConfigMaps("default")
	_, err = maps.Create(ctx, configMap("first"), metav1.CreateOptions{})
	check(err)

	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace("default"))
	informer := factory.Core().V1().ConfigMaps()
	heard := log{make(chan string, 64)}
	_, err = informer.Informer().AddEventHandler(heard.handler())
	check(err)
	factory.Start(ctx.Done())
	fmt.Println("synced", cache.WaitForCacheSync(ctx.Done(), informer.Informer().HasSynced), heard.take(1))

	made, err := maps.Create(ctx, configMap("second"), metav1.CreateOptions{})
	check(err)
	stale := made.DeepCopy()
	made.Data["k"] = "w"
	_, err = maps.Update(ctx, made, metav1.UpdateOptions{})
	check(err)
	_, err = maps.Update(ctx, stale, metav1.UpdateOptions{})
	fmt.Println("stale:", errors.IsConflict(err))
	_, err = maps.Patch(ctx, "second", types.StrategicMergePatchType, []byte(`{"data":{"l":"x"}}`), metav1.PatchOptions{})
	check(err)
	check(maps.Delete(ctx, "first", metav1.DeleteOptions{}))
	fmt.Println(heard.take(4))
	cached, err := informer.Lister().ConfigMaps("default").Get("second")
	check(err)
	fmt.Println("cached", cached.Data)
	fmt.Println("by watch list:", seen.watches == 1 && seen.lists == 0, "protobuf bodies:", seen.protobufs)
}

// meta: an informer of metadata alone.
func meta(ctx context.Context, config *rest.Config) {
	client, err := metadata.NewForConfig(config)
	check(err)
	factory := metadatainformer.NewSharedInformerFactory(client, 0)
	informer := factory.ForResource(corev1.SchemeGroupVersion.WithResource("namespaces"))
	factory.Start(ctx.Done())
	synced := factory.WaitForCacheSync(ctx.Done())
	object, err := informer.Lister().Get("default")
	check(err)
	fmt.Println("synced", len(synced) == 1, object.(metav1.Object).GetLabels())
}

func elect(ctx context.Context, client kubernetes.Interface, name string, news chan<- string) {
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: "default", Name: "boss"},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: name},
		},
		ReleaseOnCancel: true,
		LeaseDuration:   3 * time.Second,
		RenewDeadline:   2 * time.Second,
		RetryPeriod:     200 * time.Millisecond,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { news <- name + " leads" },
			OnStoppedLeading: func() {},
		},
	})
}

// election: the second candidate leads once the first lets go of the Lease, and never before.
func election(ctx context.Context, config *rest.Config) {
	client, err := kubernetes.NewForConfig(config)
	check(err)
	news := make(chan string, 4)
	first, stop := context.WithCancel(ctx)
	go elect(first, client, "one", news)
	fmt.Println(<-news)
	go elect(ctx, client, "two", news)
	lease, err := client.CoordinationV1().Leases("default").Get(ctx, "boss", metav1.GetOptions{})
	check(err)
	fmt.Println("held by", *lease.Spec.HolderIdentity, "news", len(news))
	stop()
	fmt.Println(<-news)
	lease, err = client.CoordinationV1().Leases("default").Get(ctx, "boss", metav1.GetOptions{})
	check(err)
	fmt.Println("held by", *lease.Spec.HolderIdentity, "transitions", *lease.Spec.LeaseTransitions)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	check(err)
	config.QPS, config.Burst = 1000, 1000
	map[string]func(context.Context, *rest.Config){
		"inform": inform, "meta": meta, "election": election,
	}[os.Args[1]](ctx, config)
}
